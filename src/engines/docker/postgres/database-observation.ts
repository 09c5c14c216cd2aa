import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { type Standing, standingOf } from "../../../domain/stack/database-standing.ts";
import type { NodeId, StackId, StackNode } from "../../../domain/stack/node.ts";
import { stackOf } from "../../../domain/stack/node.ts";
import type { Edit, ObservedNode, Stranger } from "../../../domain/stack/observation.ts";
import { isTemporary } from "../../../domain/stack/temporary-name.ts";
import { lookAtContainers } from "../container/containers.ts";
import type { Found } from "../observe/found.ts";
import { declaredOf } from "../observe/labels.ts";
import type { Scope } from "../scope.ts";
import { editsOfRole, rolesOf, type ServerRoles } from "./role-observation.ts";
import { databasesOf, type LabelledDatabase, openServer, SOURCE_LABEL, sizeOf } from "./servers.ts";

/** What one server answered: its databases of ours, or why nothing is known of them. */
export interface ServerLook {
  readonly server: NodeId;
  readonly nodes: readonly ObservedNode[];
  readonly silent?: string;
  /** The databases on it that are not ours, by their names; missing where it is silent. */
  readonly strangers?: ReadonlyMap<string, Stranger>;
}

/**
 * Asks every server among these nodes for the databases of a stack, or of all: each answers by itself, and never fails. Databases of a silent one cannot be
 * judged.
 */
export function askServers(
  scope: Scope,
  nodes: readonly ObservedNode[],
  stack: StackId | undefined,
): ReadonlyMap<NodeId, Promise<ServerLook>> {
  const servers = nodes.filter((node) => node.declared.kind === "postgres");
  return new Map(servers.map((server) => [server.declared.id, askServer(scope, server, stack)]));
}

async function askServer(scope: Scope, { declared, condition }: ObservedNode, stack: StackId | undefined): Promise<ServerLook> {
  const server = declared.id;
  if (condition !== "serving") return { server, nodes: [], silent: `${server} is ${condition}` };
  try {
    return { server, ...(await databasesOn(scope, server, stack)) };
  } catch (error) {
    return { server, nodes: [], silent: (error as Error).message };
  }
}

/** Databases of a stack, or of all, on the servers that answer. */
export async function lookAtDatabases(scope: Scope, stack: StackId | undefined): Promise<Found> {
  const { nodes } = await lookAtContainers(scope, undefined);
  const looks = await Promise.all(askServers(scope, nodes, stack).values());
  return { nodes: looks.flatMap((look) => look.nodes) };
}

type FoundOn = Required<Pick<ServerLook, "nodes" | "strangers">>;

async function databasesOn(scope: Scope, server: NodeId, stack: StackId | undefined): Promise<FoundOn> {
  const session = await openServer(scope, server, 10);
  try {
    return await nodesOn(scope, session, { server, stack });
  } finally {
    await session.end();
  }
}

/** What stands on a server, as its session tells it: the databases of a stack, or of all, and those that are not ours. */
export async function nodesOn(
  scope: Pick<Scope, "owner" | "paths">,
  session: ServerSession,
  { server, stack }: { readonly server: NodeId; readonly stack: StackId | undefined },
): Promise<FoundOn> {
  const nodes: ObservedNode[] = [];
  const strangers = new Map<string, Stranger>();
  const all = await databasesOf(session);
  const roles = await rolesOf(session);
  for (const one of all) {
    const { labels, database, identity } = one;
    const found = declaredOf(labels);
    // Labels are written before the name, which is the last act.
    if (isTemporary(database)) continue;
    if (found === undefined || labels["ballast.instance"] !== scope.owner.instance) {
      strangers.set(database, strangerOf({ database, identity, labels }));
      continue;
    }
    if (stack !== undefined && stackOf(found.declared.id) !== stack) continue;
    const standing = standingAmong(one, all);
    if (standing === undefined) continue;
    const edits = [...(standing.edits ?? []), ...(await editsOf(scope, roles, { declared: found.declared, database }))];
    const bytes = isMeasured(found.declared) ? { bytes: await sizeOf(session, database) } : {};
    const facts = { database, server, identity, ...bytes, ...sourceIn(labels) };
    nodes.push({ ...found, ...standing, ...(edits.length > 0 ? { edits } : {}), facts });
  }
  return { nodes, strangers };
}

/** Only the role of a tenant's database is compared: that of a template logs in only while one is made. */
async function editsOf(
  scope: Pick<Scope, "paths">,
  roles: ServerRoles,
  { declared, database }: { readonly declared: ObservedNode["declared"]; readonly database: string },
): Promise<readonly Edit[]> {
  if (declared.kind !== "database") return [];
  return await editsOfRole(scope, roles, { declared: declared as StackNode<"database">, database });
}

/** How it stands; undefined of one that bears a node's label beside the database that has the node's name, and so is not the one that serves. */
function standingAmong(one: LabelledDatabase, all: readonly LabelledDatabase[]): Standing | undefined {
  const name = nameIn(one);
  if (name === undefined) return { condition: "serving" };
  const isSame = ({ labels, database }: LabelledDatabase) =>
    database === name && ["ballast.instance", "ballast.node"].every((key) => labels[key] === one.labels[key]);
  if (name !== one.database && all.some(isSame)) return undefined;
  return standingOf({ name: one.database, open: one.open }, name, new Set(all.map(({ database }) => database)));
}

/** The name that the database of a node was declared with, which its label tells; undefined of a template, whose name is nobody's desired state. */
function nameIn({ labels }: LabelledDatabase): string | undefined {
  const declared = declaredOf(labels)?.declared;
  return declared?.kind === "database" ? (declared.spec as StackNode<"database">["spec"]).name : undefined;
}

/** One that another installation made is left to it. */
function strangerOf({ database, identity, labels }: Pick<LabelledDatabase, "database" | "identity" | "labels">): Stranger {
  const theirs = labels["ballast.instance"] !== undefined;
  return {
    says: `a database ${database} ${theirs ? "of another installation" : "without our label"} (${identity})`,
    removal: `DROP DATABASE ${database} on its server`,
    adoptable: !theirs,
    identity,
  };
}

function sourceIn(labels: Readonly<Record<string, string>>): { source?: string } {
  const source = labels[SOURCE_LABEL];
  return source === undefined ? {} : { source };
}

/** Only what has a quota is measured: it costs a look at every file of the database. */
function isMeasured({ kind, spec }: ObservedNode["declared"]): boolean {
  return kind === "database" && "diskQuotaBytes" in spec;
}
