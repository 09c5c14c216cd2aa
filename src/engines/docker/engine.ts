import type { Change } from "../../domain/plan/change.ts";
import type { AnyNode, NodeId, Stack, StackId } from "../../domain/stack/node.ts";
import { nameOf, nodeId, stackOf } from "../../domain/stack/node.ts";
import type { Observation, ObservedNode, Seen } from "../../domain/stack/observation.ts";
import type { Applied, ApplyContext, Engine } from "../engine.ts";
import { dropCgroup } from "./container/cgroups.ts";
import { addressOf, lookAtContainers, nodesAmong, stopContainers } from "./container/containers.ts";
import { lookAtFiles } from "./container/files.ts";
import { containerLogs } from "./container/logs.ts";
import { lookAtQuotas } from "./container/quota-observation.ts";
import { askAgain } from "./ingress/ask-again.ts";
import { pageOf } from "./ingress/page.ts";
import { servedCertificate } from "./ingress/served-certificate.ts";
import { nameUnshown } from "./ingress/shown-certificate.ts";
import { watchIngressFiles } from "./ingress/watch-ingress-files.ts";
import { DOCKER_KINDS } from "./kinds/index.ts";
import type { DockerKind } from "./kinds/kind.ts";
import { ODOO_PORT } from "./kinds/odoo.ts";
import { guard } from "./network/egress/guard.ts";
import { closeNetworks } from "./network/firewall/close.ts";
import { lookAtNetworks } from "./network/networks.ts";
import { compareContainers, type Listed, listOwn } from "./observe/compare-containers.ts";
import { watchEvents } from "./observe/watch.ts";
import { adoptDatabase } from "./postgres/adopt-database.ts";
import { lookIntoDatabases } from "./postgres/database-content.ts";
import { askServers, lookAtDatabases, type ServerLook } from "./postgres/database-observation.ts";
import { sweepServers } from "./postgres/leftover-databases.ts";
import { POOLER_PORT } from "./postgres/pooler-restart.ts";
import { SharedWatch } from "./postgres/relieve.ts";
import { POSTGRES_PORT, serverOf } from "./postgres/servers.ts";
import { isKept, keptArchive } from "./postgres/template-store.ts";
import { undoneWorkOf } from "./postgres/undone-work.ts";
import { writePositions } from "./postgres/write-positions.ts";
import { REDIS_PORT } from "./redis/redis-users.ts";
import type { Scope } from "./scope.ts";
import { lookAtVolumes, strangeVolume } from "./volume/volumes.ts";

/** Where what is not Odoo listens. */
const PORTS: Readonly<Record<string, number>> = {
  postgres: POSTGRES_PORT,
  "postgres-replica": POSTGRES_PORT,
  pooler: POOLER_PORT,
  redis: REDIS_PORT,
};

/** The engine for one machine with a Docker Engine. What lacks this installation's labels is never touched. */
export function createDockerEngine(scope: Scope): Engine {
  const shared = new SharedWatch(scope);
  return {
    name: "docker",
    observe: (stack) => observe(scope, stack),
    survey: (stacks) => surveyAll(scope, stacks),
    watch: (changed, signal) => watchAll(scope, changed, signal),
    guard: (since) => guard(scope, since),
    relieve: () => shared.relieve(),
    positions: () => writePositions(scope),
    sweep: () => sweepServers(scope),
    served: (stack, entry) => servedCertificate(scope, stack, entry),
    page: (stack, entry) => pageOf(scope, stack, entry),
    undoneWork: (stack) => undoneWorkOf(scope, stack),
    askForCertificates: () => askAgain(scope),
    stacks: () => stacks(scope),
    apply: (change, context) => apply(scope, change, context),
    adopt: async (node, vault) => (node.kind === "database" ? await adoptDatabase(scope, node, vault) : undefined),
    async prepare(images, watch) {
      for (const image of images) await scope.image(image, watch.progress, watch.signal);
    },
    async stop(stack) {
      await stopContainers(scope, stack);
      await dropCgroup(scope, nodeId(stack, "quota"));
    },
    logs: (request) => containerLogs(scope, request),
    async endpoint(node) {
      const host = await addressOf(scope, node);
      return host === undefined ? undefined : { host, port: PORTS[nameOf(node)] ?? ODOO_PORT };
    },
    close: () => shared.close(),
  };
}

/** Until the line of the Docker Engine's events breaks: whoever watches begins again, and looks meanwhile. */
async function watchAll(scope: Scope, changed: () => void, signal: AbortSignal): Promise<void> {
  const ended = new AbortController();
  await watchIngressFiles(scope, changed, AbortSignal.any([signal, ended.signal]));
  try {
    await watchEvents(scope, changed, signal);
  } finally {
    ended.abort();
  }
}

/** What was found of all families of objects, in one look; of databases, what each server answers. */
interface Looks {
  readonly found: readonly ObservedNode[];
  readonly servers: ReadonlyMap<NodeId, Promise<ServerLook>>;
  readonly listed: Listed;
}

/** How long a stack waits for servers that it does not use: only what it left behind there would be missing in its look. */
const OTHER_SERVERS_MS = 2000;

async function lookAt(scope: Scope, stack: StackId | undefined): Promise<Looks> {
  const [containers, ...others] = await Promise.all([
    lookAtServers(scope, stack),
    lookAtNetworks(scope, stack),
    lookAtVolumes(scope, stack),
    lookAtFiles(scope, stack),
  ]);
  return { ...containers, found: [...containers.found, ...others.flatMap((look) => look.nodes)] };
}

/** Containers are listed once, of all stacks: a stack's databases stand on the servers of others. */
async function lookAtServers(scope: Scope, stack: StackId | undefined): Promise<Looks> {
  const listed = await listOwn(scope);
  const all = nodesAmong([...listed.values()].flat()).nodes;
  const found = stack === undefined ? all : all.filter((node) => stackOf(node.declared.id) === stack);
  return { found, servers: askServers(scope, all, stack), listed };
}

async function observe(scope: Scope, stack: Stack): Promise<Observation> {
  return await assemble(scope, stack, await lookAt(scope, stack.id));
}

function surveyAll(scope: Scope, stacks: readonly Stack[]): readonly Promise<Observation>[] {
  if (stacks.length === 0) return [];
  const looking = lookAt(scope, undefined).then(({ found, servers, listed }) => ({
    shared: { servers, listed },
    byStack: Map.groupBy(found, (node) => stackOf(node.declared.id)),
  }));
  return stacks.map(async (stack) => {
    const { shared, byStack } = await looking;
    return await assemble(scope, stack, { ...shared, found: byStack.get(stack.id) ?? [] });
  });
}

/** What the servers say that a stack stands on, and what others say in time. One that hangs holds up only the stacks that use it. */
async function databasesOf(stack: Stack, servers: Looks["servers"]): Promise<readonly ServerLook[]> {
  const used = new Set(stack.nodes.flatMap((node) => node.uses.flatMap((edge) => (edge.as === "sql" ? [edge.to] : []))));
  const own = [...servers].flatMap(([id, look]) => (used.has(id) ? [look] : []));
  const others = [...servers].flatMap(([id, look]) => (used.has(id) ? [] : [inTime(id, look)]));
  return await Promise.all([...own, ...others]);
}

async function inTime(server: NodeId, look: Promise<ServerLook>): Promise<ServerLook> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ServerLook>((resolve) => {
    timer = setTimeout(() => resolve({ server, nodes: [], silent: "does not answer in time" }), OTHER_SERVERS_MS);
  });
  return await Promise.race([look, late]).finally(() => clearTimeout(timer));
}

async function assemble(scope: Scope, stack: Stack, looks: Looks): Promise<Observation> {
  const answers = await databasesOf(stack, looks.servers);
  const found = [...looks.found, ...answers.flatMap((one) => one.nodes).filter((node) => stackOf(node.declared.id) === stack.id)];
  const servers = new Map(answers.map((answer) => [answer.server, answer]));
  const at = scope.now();
  const nodes = new Map<NodeId, Seen<ObservedNode>>(stack.nodes.map((node) => [node.id, { state: "absent", at }]));
  for (const value of found) nodes.set(value.declared.id, { state: "present", value, at });
  for (const node of stack.nodes) {
    if (nodes.get(node.id)?.state === "absent") nodes.set(node.id, await absence(scope, node, servers));
  }
  await Promise.all([
    hideLostTemplates(scope, stack, nodes),
    compareContainers(scope, stack, nodes, looks.listed),
    lookAtQuotas(scope, stack, nodes),
  ]);
  await nameUnshown(scope, nodes);
  lookIntoDatabases(scope, stack, nodes);
  return { stack: stack.id, at, nodes };
}

/** What is to be said of a node that was not found: its server may not show it, and something else may stand under its name. */
async function absence(scope: Scope, node: AnyNode, servers: ReadonlyMap<NodeId, ServerLook>): Promise<Seen<ObservedNode>> {
  const at = scope.now();
  if (node.kind === "volume" || node.kind === "filestore") {
    const instead = await strangeVolume(scope, node.id);
    return { state: "absent", at, ...(instead === undefined ? {} : { instead }) };
  }
  if (node.kind !== "database" && node.kind !== "template") return { state: "absent", at };
  const server = serverOf(node);
  const answer = servers.get(server);
  if (answer === undefined) return { state: "absent", at, hidden: `its server ${server} is not there` };
  if (answer.silent !== undefined) return { state: "unknown", since: at, because: answer.silent };
  const instead = node.kind === "database" ? answer.strangers?.get(node.spec.name) : undefined;
  return { state: "absent", at, ...(instead === undefined ? {} : { instead }) };
}

/** A template whose attachments are gone cannot be cloned: it counts as absent, so that it is made again. */
async function hideLostTemplates(scope: Scope, stack: Stack, nodes: Map<NodeId, Seen<ObservedNode>>): Promise<void> {
  for (const node of stack.nodes) {
    const observation = nodes.get(node.id);
    if (node.kind !== "template" || observation?.state !== "present") continue;
    const key = String(observation.value.facts["database"]).replace(/^template_/, "");
    if (!(await isKept(keptArchive(scope, key)))) nodes.set(node.id, { state: "absent", at: scope.now() });
  }
}

async function stacks(scope: Scope): Promise<readonly StackId[]> {
  const looks = await Promise.all(
    [lookAtContainers, lookAtNetworks, lookAtVolumes, lookAtFiles, lookAtDatabases].map((look) => look(scope, undefined)),
  );
  return [...new Set(looks.flatMap((look) => look.nodes.map((node) => stackOf(node.declared.id))))].sort();
}

async function apply(scope: Scope, change: Change, context: ApplyContext): Promise<Applied> {
  const kind = DOCKER_KINDS[change.kind] as DockerKind<never>;
  if (change.verb === "keep") return { node: change.node, did: "nothing", facts: {} };
  if (change.verb === "remove") {
    await kind.remove(scope, change.observed as AnyNode);
    return { node: change.node, did: "removed", facts: {} };
  }
  // What was stopped may have been so since the machine was; its firewall has forgotten us then.
  if (change.verb === "start") await closeNetworks(scope);
  const done = await kind.realise(scope, change.desired as never, { change, context });
  return { node: change.node, did: done.did, facts: done.facts ?? {} };
}
