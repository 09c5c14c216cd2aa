import { once } from "node:events";
import { connect } from "node:net";
import { type NodeId, nodeId, stackOf } from "../../../domain/stack/node.ts";
import { tolerating } from "../call.ts";
import { addressOf } from "../container/containers.ts";
import { waitUntilReady } from "../container/ready.ts";
import { ownContainer } from "../observe/own-objects.ts";
import type { Scope } from "../scope.ts";

/** Where it listens, in every image. */
export const POOLER_PORT = 6432;
/** All its connections died with the server, so there is nothing to wait for. */
const GRACE_SECONDS = 1;

/**
 * Restarts the pooler before a server that was started. The server may have another address now, and PgBouncer goes on trying the old one:
 * its resolver keeps an answer as long as Docker says that it holds, which is ten minutes.
 * Returns once it listens again: who is started next may ask it at once.
 */
export async function restartPooler(scope: Scope, server: NodeId, signal: AbortSignal): Promise<void> {
  const pooler = nodeId(stackOf(server), "pooler");
  const found = await ownContainer(scope, pooler);
  if (found?.State.Running !== true) return;
  await tolerating(pooler, [404], () => scope.docker.getContainer(found.Id).restart({ t: GRACE_SECONDS }));
  await waitUntilReady(scope, { node: pooler, seconds: 30, what: "listening again", signal }, async () => {
    const host = await addressOf(scope, pooler);
    return host !== undefined && (await listens(host));
  });
}

async function listens(host: string): Promise<boolean> {
  const socket = connect({ host, port: POOLER_PORT });
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(2000) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
