import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { scramVerifier } from "../../../adapters/postgres/scram.ts";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { REPLICATION_ROLE, SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import type { NodeId, StackNode } from "../../../domain/stack/node.ts";
import { failure } from "../../../kernel/problem.ts";
import { addressOf, removeContainer, runContainer } from "../container/containers.ts";
import { credentialOf } from "../container/credentials.ts";
import { configFolderOf, removeConfig, replaceFile } from "../container/files.ts";
import { type Readiness, waitUntilReady } from "../container/ready.ts";
import type { ContainerShape } from "../container/wanted-container.ts";
import { networkAlias } from "../observe/labels.ts";
import { ownContainer, volumeToMount } from "../observe/own-objects.ts";
import { waitFor } from "../postgres/commit-wait.ts";
import { openServer, POSTGRES_PORT, serverOf } from "../postgres/servers.ts";
import type { Scope } from "../scope.ts";
import type { DockerKind } from "./kind.ts";
import { POSTGRES_TMPFS, processMemory, writeEpoch } from "./postgres.ts";

type Node = StackNode<"replica">;

/** Of the server that follows: for its stream, its copy, and one of each that is about to end. */
export const REPLICATION_CONNECTIONS = 4;
/** The name under which the follower reports itself; also of its slot, so that the first server keeps what it still needs. */
export const FOLLOWER = "ballast_replica";

export const replica: DockerKind<"replica"> = {
  async realise(scope, node, { change, context }) {
    const image = await scope.image(node.spec.image, context.progress, context.signal);
    const data = node.uses.find((edge) => edge.as === "mount");
    if (data === undefined) throw failure("BAL-E003", node.id, "names no volume for its data");
    const password = await credentialOf(node, context, "replication-password");
    const primary = serverOf(node);
    await onPrimary(scope, primary, (session) => allowReplication(session, password));
    // Its container may be recreated: nobody waits for one that comes back seconds later.
    if (node.spec.mode === "asynchronous") await onPrimary(scope, primary, (session) => waitFor(session, undefined));
    const folder = configFolderOf(scope, node.id);
    await mkdir(folder, { recursive: true, mode: 0o711 });
    await replaceFile(join(folder, "pgpass"), `*:*:*:${REPLICATION_ROLE}:${password}\n`, true);
    await writeEpoch(folder, node.spec.epoch);
    const did = await runContainer(
      scope,
      {
        node,
        imageId: image.imageId,
        ...replicaShape(node),
        files: { [folder]: "/run/ballast" },
        tracked: [join(folder, "epoch"), join(folder, "pgpass")],
        volumes: { [await volumeToMount(scope, data.to)]: "/var/lib/postgresql/data" },
      },
      { change },
    );
    const what = `${primary} streaming to it`;
    await waitUntilReady(scope, { node: node.id, seconds: 300, what, signal: context.signal }, () =>
      isStreaming(scope, { primary, follower: node.id }),
    );
    if (node.spec.mode === "synchronous") await onPrimary(scope, primary, (session) => waitFor(session, FOLLOWER));
    return { did, facts: { imageId: image.imageId, mode: node.spec.mode } };
  },
  async remove(scope, node) {
    const primary = serverOf(node as Node);
    // First nobody waits for it any more, then it goes, then what is kept for it: else writes would wait for what never comes back.
    await whileItRuns(scope, primary, (session) => waitFor(session, undefined));
    await removeContainer(scope, node.id);
    await whileItRuns(scope, primary, keepNothingForIt);
    await removeConfig(scope, node.id);
  },
};

export function replicaShape(node: Node): ContainerShape {
  const { memoryMiB, cpuShares, pidsLimit } = node.spec;
  const health = ["pg_isready", "--quiet", "--timeout=5"];
  return {
    command: commandOf(node),
    memoryMiB,
    processMiB: processMemory(memoryMiB),
    cpuShares,
    pidsLimit,
    tmpfs: POSTGRES_TMPFS,
    restart: "no",
    health,
  };
}

function commandOf(node: Node): readonly string[] {
  const connection = [
    `host=${networkAlias(serverOf(node))}`,
    `port=${POSTGRES_PORT}`,
    `user=${REPLICATION_ROLE}`,
    "passfile=/run/ballast/pgpass",
    `application_name=${FOLLOWER}`,
    "connect_timeout=5",
    "keepalives_idle=10",
    "keepalives_interval=3",
    "keepalives_count=4",
    "tcp_user_timeout=30000",
  ].join(" ");
  const settings = { ...node.spec.settings, hot_standby: "on", primary_conninfo: connection, primary_slot_name: FOLLOWER };
  return ["--follow", connection, ...Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`])];
}

async function onPrimary(scope: Scope, primary: NodeId, act: (session: ServerSession) => Promise<void>): Promise<void> {
  const session = await openServer(scope, primary);
  try {
    await act(session);
  } finally {
    await session.end();
  }
}

async function allowReplication(session: ServerSession, password: string): Promise<void> {
  const [found] = await session.run(SERVER_SQL.role(REPLICATION_ROLE));
  if (found === undefined) await session.run(SERVER_SQL.createRole(REPLICATION_ROLE));
  const verifier = scramVerifier(password, randomBytes(16));
  await session.run(SERVER_SQL.letFollowerLogIn({ verifier, connections: REPLICATION_CONNECTIONS }));
  const [slot] = await session.run(SERVER_SQL.slot(FOLLOWER));
  if (slot === undefined) await session.run(SERVER_SQL.createSlot(FOLLOWER));
}

/** Whether the process that runs now follows: the stream of the one before it may be there for a moment, and commits would wait until it connects. */
async function isStreaming(
  scope: Scope,
  { primary, follower }: { readonly primary: NodeId; readonly follower: NodeId },
): Promise<Readiness> {
  const found = await ownContainer(scope, follower);
  const since = Date.parse(found?.State.StartedAt ?? "") / 1000;
  if (!Number.isFinite(since)) return `${follower} does not run`;
  const session = await openServer(scope, primary, 10);
  try {
    return (await session.run(SERVER_SQL.streamingSince(FOLLOWER, String(since)))).length > 0 || `${primary} names nobody who follows it`;
  } finally {
    await session.end();
  }
}

/** A primary that does not run is told when it starts, if nobody follows it then: see the kind postgres. */
async function whileItRuns(scope: Scope, primary: NodeId, act: (session: ServerSession) => Promise<void>): Promise<void> {
  if ((await addressOf(scope, primary)) !== undefined) await onPrimary(scope, primary, act);
}

/** No log is kept for a follower that is gone; the server may not have noticed yet that it is. */
async function keepNothingForIt(session: ServerSession): Promise<void> {
  await session.run(SERVER_SQL.endSlotSession(FOLLOWER));
  await session.run(SERVER_SQL.dropSlot(FOLLOWER));
}
