import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type NodeId, type Stack, type StackNode, stackOf } from "../../../domain/stack/node.ts";
import { failure } from "../../../kernel/problem.ts";
import type { ApplyContext } from "../../engine.ts";
import { removeContainer, runContainer } from "../container/containers.ts";
import { credentialOf } from "../container/credentials.ts";
import { configFolderOf, folderOf, removeConfig, replaceFile } from "../container/files.ts";
import { type Readiness, waitUntilReady } from "../container/ready.ts";
import type { ContainerShape } from "../container/wanted-container.ts";
import { rejoin } from "../network/attach-servers.ts";
import { limitSources } from "../network/limit-sources.ts";
import { ownContainer, ownVolume } from "../observe/own-objects.ts";
import { markMade, showWhetherMade } from "../postgres/cluster-mark.ts";
import { waitFor } from "../postgres/commit-wait.ts";
import { closeCommonDatabases } from "../postgres/common-access.ts";
import { allowLookup } from "../postgres/pooler-lookup.ts";
import { restartPooler } from "../postgres/pooler-restart.ts";
import { openServer, SUPERUSER_SECRET } from "../postgres/servers.ts";
import { setPassword } from "../postgres/superuser.ts";
import type { Scope } from "../scope.ts";
import type { DockerKind } from "./kind.ts";

async function settle(scope: Scope, server: NodeId, followed: boolean): Promise<void> {
  const session = await openServer(scope, server);
  try {
    if (!followed) await waitFor(session, undefined);
    await closeCommonDatabases(scope, server, session);
  } finally {
    await session.end();
  }
}

/** Its replica says for whom commits wait; where none is declared any more, one that went while this server was down must not be waited for. */
function isFollowed(server: NodeId, stack: Stack): boolean {
  return stack.nodes.some((node) => node.kind === "replica" && node.uses.some((edge) => edge.to === server));
}

/** One that ran on before a server whose data are new, since the former ones were given up, is known to that server by nothing. */
async function bringPoolerBack(scope: Scope, server: NodeId, context: ApplyContext): Promise<void> {
  const pooler = context.stack.nodes.find((node) => node.kind === "pooler" && node.uses.some((edge) => edge.to === server));
  if (pooler?.kind !== "pooler" || (await ownContainer(scope, pooler.id)) === undefined) return;
  await allowLookup(scope, pooler, await credentialOf(pooler, context, "pooler-password"));
  await restartPooler(scope, server, context.signal);
}

/** Where the server may write beside its data. */
export const POSTGRES_TMPFS = {
  "/tmp": "rw,noexec,nosuid,nodev,size=64m",
  "/run/postgresql": "rw,noexec,nosuid,nodev,size=1m,uid=10001,gid=10001,mode=0755",
};

/** The number that the data must carry for the server to start. */
export async function writeEpoch(folder: string, epoch: number): Promise<void> {
  await replaceFile(join(folder, "epoch"), `${epoch}\n`, false);
}

/**
 * Memory that one session may take for itself. Every session may set its own `work_mem`; one that takes all there is would have the machine end a process,
 * and PostgreSQL then restarts for everybody. So it gets an error.
 */
export function processMemory(memoryMiB: number): number {
  return Math.floor(memoryMiB * 0.4);
}

export function postgresShape({ spec }: StackNode<"postgres">): ContainerShape {
  return {
    command: Object.entries(spec.settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]),
    memoryMiB: spec.memoryMiB,
    processMiB: processMemory(spec.memoryMiB),
    cpuShares: spec.cpuShares,
    pidsLimit: spec.pidsLimit,
    tmpfs: POSTGRES_TMPFS,
    // A server that went down by itself may not be the one that should come up again: Ballast starts it, nobody else.
    restart: "no",
    health: ["pg_isready", "--quiet", "--timeout=5"],
  };
}

/** True when it lets its superuser in. One that knows another password (it was rotated, or lost) is told the new one from inside, where none is asked for. */
async function isOpenTo(scope: Scope, node: StackNode<"postgres">, context: ApplyContext): Promise<Readiness> {
  try {
    await (await openServer(scope, node.id)).end();
    return true;
  } catch (error) {
    if (!isWrongPassword(error)) throw error;
    await setPassword(scope, node.id, await credentialOf(node, context, "superuser-password"));
    return "it did not know its password, which it was told";
  }
}

/** SQLSTATE invalid_password. */
function isWrongPassword(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: string; cause?: { code?: string } } };
  return (cause?.code ?? cause?.cause?.code) === "28P01";
}

export const postgres: DockerKind<"postgres"> = {
  async realise(scope, node, { change, context }) {
    const image = await scope.image(node.spec.image, context.progress, context.signal);
    const data = node.uses.find((edge) => edge.as === "mount");
    if (data === undefined) throw failure("BAL-E003", node.id, "names no volume for its data");
    const secret = join(folderOf(scope.paths.volatile, `${stackOf(node.id)}/${SUPERUSER_SECRET}`), "value");
    const folder = configFolderOf(scope, node.id);
    await mkdir(folder, { recursive: true, mode: 0o711 });
    await writeEpoch(folder, node.spec.epoch);
    const disk = await ownVolume(scope, data.to);
    if (disk === undefined) throw failure("BAL-E003", data.to, "is needed and not there");
    await showWhetherMade(scope, { ...disk, id: data.to }, folder);
    const did = await runContainer(
      scope,
      {
        node,
        imageId: image.imageId,
        ...postgresShape(node),
        files: { [secret]: "/run/secrets/superuser-password", [folder]: "/run/ballast" },
        tracked: [join(folder, "epoch")],
        readOnce: [secret],
        volumes: { [disk.Name]: "/var/lib/postgresql/data" },
      },
      { change },
    );
    await waitUntilReady(scope, { node: node.id, seconds: 120, what: "the first answer to a query", signal: context.signal }, () =>
      isOpenTo(scope, node, context),
    );
    await markMade(scope, data.to, disk);
    await showWhetherMade(scope, { ...disk, id: data.to }, folder);
    await settle(scope, node.id, isFollowed(node.id, context.stack));
    // Before anybody else comes in; where it cannot be done, the next look at egress says so.
    await limitSources(scope, node);
    await rejoin(scope, node.id);
    if (did !== "nothing") await bringPoolerBack(scope, node.id, context);
    return { did, facts: { imageId: image.imageId } };
  },
  async remove(scope, node) {
    await removeContainer(scope, node.id);
    await removeConfig(scope, node.id);
  },
};
