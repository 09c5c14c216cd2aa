import { carriesTraffic } from "../../../domain/stack/edge.ts";
import { type AnyNode, type NodeId, type NodeKind, nodeId, type StackId, type StackNode, stackOf } from "../../../domain/stack/node.ts";
import { networkAlias, ownAliases } from "../observe/labels.ts";
import { BOUNDARY } from "../observe/own-objects.ts";
import { serverOf } from "../postgres/servers.ts";
import { type Builder, nodesOf, type RenderContext } from "./context.ts";
import { egress } from "./egress.ts";
import { ingress } from "./ingress.ts";
import { install } from "./install.ts";
import { mailbox } from "./mailbox.ts";
import { odoo } from "./odoo.ts";
import { pooler } from "./pooler.ts";
import { postgres } from "./postgres.ts";
import { agree, prepare } from "./prepare.ts";
import { redis } from "./redis.ts";
import { replica } from "./replica.ts";
import { type Part, type ProjectFile, projectName } from "./service.ts";

/** An equivalent Compose project: what `docker compose` reads, and the files that it mounts. */
export interface ComposeProject {
  readonly compose: object;
  readonly files: readonly ProjectFile[];
  /** What Compose cannot say. */
  readonly notes: readonly string[];
}

interface Placed extends Part {
  readonly node: Pick<AnyNode, "id">;
}

/** Renders every stack of a fleet. The vault hands out what goes into secret files; nothing secret is in the project file itself. */
export async function composeProject(fleet: string, context: RenderContext): Promise<ComposeProject> {
  const parts = [...(await servicesOf(context)), ...(await jobsOf(context))];
  const files = new Map(parts.flatMap((part) => part.files.map((file) => [file.path, file] as const)));
  const entries = parts.map(({ name, service, node }) => [name, { ...service, networks: networksOf(node.id, context) }] as const);
  const volumes = [...nodesOf(context, "volume"), ...nodesOf(context, "filestore")].map((node) => [projectName(node.id), {}] as const);
  return {
    compose: {
      name: fleet,
      services: Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1))),
      networks: Object.fromEntries([
        ...nodesOf(context, "boundary").map(({ id, spec }) => [projectName(stackOf(id)), { internal: spec.outward === "none" }]),
        ...nodesOf(context, "egress").map(({ id }) => [outwardOf(id), { internal: false, driver_opts: NO_NEIGHBOURS }]),
      ]),
      volumes: Object.fromEntries(volumes),
    },
    files: [...files.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    notes: [
      ...nodesOf(context, "quota").map(
        (node) => `${node.id}: one quota for several services cannot be said in Compose; their own limits hold`,
      ),
      "What one environment may have of a shared server: services are not limited by where connections come from",
      "The list of calls to the kernel that a container may make: the Docker Engine's own list is in force, which leaves AF_VSOCK open",
      "The machine's firewall: services reach what listens on all addresses of the machine, and the ingress can go outside",
    ],
  };
}

async function servicesOf(context: RenderContext): Promise<readonly Placed[]> {
  const placed: Placed[] = [];
  for (const node of [...context.stacks.values()].flatMap((stack) => stack.nodes)) {
    const build = BUILDERS[node.kind] as Builder<NodeKind> | undefined;
    if (build !== undefined) placed.push({ ...(await build(node, context)), node });
  }
  return placed;
}

/** Of kinds that are a process; the others are files, networks and volumes of these. */
const BUILDERS: { readonly [K in NodeKind]?: Builder<K> } = { egress, ingress, mailbox, odoo, pooler, postgres, redis, replica };

/** What is done once and ends: roles and databases, agreement with a replica, installation. */
async function jobsOf(context: RenderContext): Promise<readonly Placed[]> {
  const placed: Placed[] = [];
  for (const node of nodesOf(context, "postgres")) placed.push({ ...(await prepare(node, context)), node: { id: `${node.id}-prepare` } });
  for (const node of nodesOf(context, "replica")) {
    const primary = context.find(serverOf(node)) as StackNode<"postgres">;
    const part = await agree(node, context, primary);
    if (part !== undefined) placed.push({ ...part, node: { id: `${node.id}-agree` } });
  }
  for (const node of nodesOf(context, "database")) {
    const part = await install(node, context);
    if (part !== undefined) placed.push({ ...part, node: { id: nodeId(stackOf(node.id), "install") } });
  }
  return placed;
}

const NO_NEIGHBOURS = { "com.docker.network.bridge.enable_icc": "false" };

/** The network through which the proxy of a stack goes out, and in which nothing else stands. */
function outwardOf(id: NodeId): string {
  return projectName(nodeId(stackOf(id), "outward"));
}

/** Its own network, and each whose nodes open connections to it, where it goes by its full name. */
function networksOf(id: NodeId, context: RenderContext): Readonly<Record<string, object>> {
  const own = stackOf(id);
  const users = [...context.stacks.values()].filter(
    (stack) => stack.id !== own && stack.nodes.some((node) => node.uses.some((edge) => edge.to === id && carriesTraffic(edge.as))),
  );
  return {
    ...(context.find(id)?.kind === "egress" ? { [outwardOf(id)]: {} } : {}),
    ...(hasBoundary(own, context) ? { [projectName(own)]: { aliases: [...ownAliases(id, projectName(own))] } } : {}),
    ...Object.fromEntries(users.map((stack) => [projectName(stack.id), { aliases: [networkAlias(id)] }])),
  };
}

function hasBoundary(stack: StackId, context: RenderContext): boolean {
  return context.find(nodeId(stack, BOUNDARY)) !== undefined;
}
