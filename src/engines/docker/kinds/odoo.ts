import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { renderConfig, type SessionStore } from "../../../domain/odoo/config.ts";
import { KEY_ROUNDS, passwordHash } from "../../../domain/odoo/password.ts";
import type { Probe } from "../../../domain/odoo/probes.ts";
import { type SeriesFacts, seriesFacts } from "../../../domain/odoo/series.ts";
import { processorsOf } from "../../../domain/stack/kinds/odoo.ts";
import { type NodeId, nameOf, type StackNode, specHash } from "../../../domain/stack/node.ts";
import { failure } from "../../../kernel/problem.ts";
import type { ApplyContext } from "../../engine.ts";
import { cgroupParent } from "../container/cgroups.ts";
import { addressOf, removeContainer, runContainer } from "../container/containers.ts";
import { credentialOf } from "../container/credentials.ts";
import { configFolderOf, removeConfig, replaceFile } from "../container/files.ts";
import { livenessCommand } from "../container/health-command.ts";
import { ask, notReady, waitUntilReady } from "../container/ready.ts";
import type { ContainerShape } from "../container/wanted-container.ts";
import { attachServersToNetwork } from "../network/attach-servers.ts";
import { proxyEnvironment } from "../network/proxy-environment.ts";
import { networkAlias } from "../observe/labels.ts";
import { volumeToMount } from "../observe/own-objects.ts";
import { closeCommonDatabases } from "../postgres/common-access.ts";
import { POOLER_PORT } from "../postgres/pooler-restart.ts";
import { openServer, POSTGRES_PORT, serverOf } from "../postgres/servers.ts";
import { REDIS_PORT } from "../redis/redis-users.ts";
import type { Scope } from "../scope.ts";
import { DATA_FOLDER } from "./filestore.ts";
import type { DockerKind } from "./kind.ts";

export const ODOO_PORT = 8069;
const WEBSOCKET_PORT = 8072;
const REFUSED_MS = 15_000;
/** So many questions are about a second. */
const LOOK_AGAIN_AFTER = 50;
export const ODOO_CONFIG = "/etc/ballast/odoo.conf";

type Node = StackNode<"odoo">;

export const odoo: DockerKind<"odoo"> = {
  async realise(scope, node, { change, context }) {
    const image = await scope.image(node.spec.image, context.progress, context.signal);
    const data = node.uses.find((edge) => edge.as === "mount");
    if (data === undefined) throw failure("BAL-E003", node.id, "names no filestore");
    const facts = factsOf(node);
    const config = join(configFolderOf(scope, node.id), "odoo.conf");
    await mkdir(configFolderOf(scope, node.id), { recursive: true, mode: 0o711 });
    await replaceFile(config, await configText(node, facts, context), true);
    const quota = node.uses.find((edge) => context.find(edge.to)?.kind === "quota");
    const { port, ready } = processOf(node, facts);
    const did = await runContainer(
      scope,
      {
        node,
        imageId: image.imageId,
        ...odooShape(node),
        files: { [config]: ODOO_CONFIG },
        volumes: { [await volumeToMount(scope, data.to)]: DATA_FOLDER },
        ...(quota === undefined ? {} : { cgroupParent: await cgroupParent(scope, quota.to) }),
      },
      { change, beforeStart: () => attachServersToNetwork(scope, node) },
    );
    await waitUntilReady(
      scope,
      { node: node.id, seconds: 120, what: `an answer on ${ready.path}`, signal: context.signal },
      servesOn(scope, node.id, { port, ready }),
    );
    // Of a new one nobody was let in.
    if (did !== "created") await closeCommon(scope, directServerOf(node, context));
    return { did, facts: { imageId: image.imageId, odoo: image.packages[facts.packageName] ?? "unknown" } };
  },
  async remove(scope, node) {
    await removeContainer(scope, node.id);
    await removeConfig(scope, node.id);
  },
};

/** The server that it reaches past the pooler. */
function directServerOf(node: Node, { find }: Pick<ApplyContext, "find">): NodeId | undefined {
  return node.uses.find((edge) => edge.as === "sql" && find(edge.to)?.kind === "postgres")?.to;
}

/** Once it serves, nothing of it meets in the database that all of the server share: the one that it follows may have. */
async function closeCommon(scope: Scope, server: NodeId | undefined): Promise<void> {
  if (server === undefined) return;
  const session = await openServer(scope, server);
  try {
    await closeCommonDatabases(scope, server, session);
  } finally {
    await session.end();
  }
}

/** Asks whether it serves. One that runs and refuses for long has a database or a module that does not load: its own lines say which. */
function servesOn(scope: Scope, node: NodeId, { port, ready }: Pick<Process, "port" | "ready">): () => Promise<boolean> {
  let refusedSince: number | undefined;
  let address: string | undefined;
  let asked = 0;
  return async () => {
    // One that Docker starts again may have another address; to look each time would cost the machine more than the process that starts.
    if (asked++ % LOOK_AGAIN_AFTER === 0 || address === undefined) address = await addressOf(scope, node);
    const status = address === undefined ? undefined : await ask(`http://${address}:${port}${ready.path}`, ready.body);
    if (status === ready.goodStatus) return true;
    refusedSince = status === undefined ? undefined : (refusedSince ?? performance.now());
    if (refusedSince !== undefined && performance.now() - refusedSince > REFUSED_MS)
      throw await notReady(scope, node, `runs, and answers ${status} on ${ready.path}`);
    return false;
  };
}

/** Behind the wall of a quota, which then limits all containers together. */
function hasQuota(node: Node): boolean {
  return node.uses.some((edge) => edge.as === "inside" && nameOf(edge.to) === "quota");
}

/**
 * A process has some four hundred threads, each with a client and a few files. All of its processes together hold a quarter of the table that a machine of
 * 24 GiB has for everybody (`fs.file-max`), where the system did not raise it.
 */
const OPEN_FILES = 1024;
/** One process that holds every browser's connection. */
const LISTENERS_FILES = 4096;

export function odooShape(node: Node): ContainerShape {
  const { memoryMiB, cpuShares, pidsLimit } = node.spec;
  const { command } = processOf(node, factsOf(node));
  return {
    command,
    memoryMiB,
    cpuShares,
    ...(hasQuota(node) ? {} : { cpus: processorsOf(node.spec) }),
    pidsLimit,
    openFiles: node.spec.roles.length === 1 && node.spec.roles[0] === "websocket" ? LISTENERS_FILES : OPEN_FILES,
    tmpfs: { "/tmp": "rw,nosuid,nodev,size=256m" },
    restart: "on-failure",
    ...(node.uses.some((edge) => edge.as === "egress") ? { environment: proxyEnvironment() } : {}),
    health: livenessCommand(),
  };
}

export function factsOf(node: Node): SeriesFacts {
  const facts = seriesFacts(node.spec.series);
  if (facts === undefined) throw failure("BAL-E001", node.id, `Odoo ${node.spec.series} is not a series that can be run`);
  return facts;
}

interface Process {
  readonly command: readonly string[];
  readonly port: number;
  /** Asked until it serves for the first time. */
  readonly ready: Probe;
}

/** What is started, and how it says that it serves. The websocket's process runs alone, under a sub-command of its own. */
function processOf(node: Node, { probes, websocket }: SeriesFacts): Process {
  const alone = node.spec.roles.includes("websocket") && !node.spec.roles.includes("web");
  if (alone) {
    const path = websocket.healthPath;
    const probe = path === undefined ? probes.alive : ({ method: "GET", path, goodStatus: 200 } as const);
    return { command: ["gevent", "-c", ODOO_CONFIG], port: WEBSOCKET_PORT, ready: probe };
  }
  return { command: ["server", "-c", ODOO_CONFIG], port: ODOO_PORT, ready: probes.ready };
}

/** The text of its configuration, which holds passwords. */
export async function configText(node: Node, facts: SeriesFacts, context: Pick<ApplyContext, "find" | "vault">): Promise<string> {
  const master = await credentialOf(node, context, "master-password");
  const server = serverOf(node);
  const sessions = await sessionStore(node, context);
  const direct = directServerOf(node, context);
  return renderConfig({
    facts,
    databaseHost: networkAlias(server),
    databasePort: context.find(server)?.kind === "pooler" ? POOLER_PORT : POSTGRES_PORT,
    databaseName: node.spec.database,
    databaseRole: node.spec.databaseRole,
    databasePassword: await credentialOf(node, context, "role-password"),
    // The salt follows from the node, so that the file is the same as long as nothing changes.
    masterPasswordHash: await passwordHash(master, Buffer.from(specHash(node), "utf8"), KEY_ROUNDS),
    roles: node.spec.roles,
    workers: node.spec.workers,
    cronThreads: node.spec.cronThreads,
    ...(node.spec.jobSlots > 0 ? { jobs: { slots: node.spec.jobSlots } } : {}),
    ...(sessions === undefined ? {} : { sessions }),
    ...(direct === undefined || direct === server ? {} : { listensAt: { host: networkAlias(direct), port: POSTGRES_PORT } }),
    connectionsPerProcess: node.spec.connectionsPerProcess,
    memoryMiB: node.spec.memoryMiB,
    logLevel: node.spec.logLevel,
  });
}

/** Where sessions are cached: the Redis that it uses, in the corner that it uses there. */
async function sessionStore(node: Node, context: Pick<ApplyContext, "find" | "vault">): Promise<SessionStore | undefined> {
  const redis: NodeId | undefined = node.uses.find((edge) => edge.as === "cache")?.to;
  const keyspace = node.uses.map((edge) => context.find(edge.to)).find((used) => used?.kind === "keyspace");
  if (redis === undefined || keyspace?.kind !== "keyspace") return undefined;
  const { user, prefix } = keyspace.spec;
  return { host: networkAlias(redis), port: REDIS_PORT, user, prefix, password: await credentialOf(node, context, "keyspace-password") };
}
