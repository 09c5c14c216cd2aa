import { type NodeId, nodeId, stackOf } from "../../domain/stack/node.ts";
import { tolerating } from "./call.ts";
import { addressOf } from "./containers.ts";
import { objectName } from "./labels.ts";
import type { Scope } from "./scope.ts";

/** All its connections died with the server, so there is nothing to wait for. */
const GRACE_SECONDS = 1;

/**
 * Restarts the pooler before a server that was started. The server may have another address now, and PgBouncer goes on trying the old one:
 * its resolver keeps an answer as long as Docker says that it holds, which is ten minutes.
 */
export async function restartPooler(scope: Scope, server: NodeId): Promise<void> {
  const pooler = nodeId(stackOf(server), "pooler");
  if ((await addressOf(scope, pooler)) === undefined) return;
  await tolerating(pooler, [404], () => scope.docker.getContainer(objectName(scope.owner, pooler)).restart({ t: GRACE_SECONDS }));
}
