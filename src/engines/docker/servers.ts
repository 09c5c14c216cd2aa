import type { SqlSession } from "../../adapters/postgres/session.ts";
import { openServerSession, type ServerSession } from "../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../adapters/postgres/superuser-sql.ts";
import type { NodeId, StackId } from "../../domain/stack/node.ts";
import { nameOf, stackOf } from "../../domain/stack/node.ts";
import type { ObservedNode, Stranger } from "../../domain/stack/observation.ts";
import { isTemporary } from "../../domain/stack/temporary-name.ts";
import { failure, type ProblemError } from "../../kernel/problem.ts";
import { addressOf, lookAtContainers } from "./containers.ts";
import { materialised } from "./files.ts";
import type { Found } from "./found.ts";
import { declaredOf } from "./labels.ts";
import { fullDisk, saysFull } from "./room.ts";
import type { Scope } from "./scope.ts";
import { insideFault, sqlFault } from "./sql-fault.ts";

export const POSTGRES_PORT = 5432;
/** The name of the secret beside each PostgreSQL server. */
export const SUPERUSER_SECRET = "superuser-password";

/** Opens a session on a PostgreSQL server of ours as its superuser, who has no business in any database of a tenant. */
export async function openServer(scope: Scope, server: NodeId, statementSeconds?: number): Promise<ServerSession> {
  const host = await addressOf(scope, server);
  if (host === undefined) throw failure("BAL-E002", server, "PostgreSQL does not run");
  const secret: NodeId = `${stackOf(server)}/${SUPERUSER_SECRET}`;
  const password = await materialised(scope, secret);
  if (password === "")
    throw failure("BAL-E032", secret, `the password of ${server} is not written down, or its file is empty`, {
      hint: "ballast apply FOLDER writes it again",
    });
  try {
    const session = await openServerSession(scope.sql, { host, port: POSTGRES_PORT, password }, statementSeconds);
    return {
      run: (statement) => session.run(statement).catch((error: unknown) => thrown(sqlFault(server, error))),
      end: () => session.end(),
    };
  } catch (error) {
    throw unreachable(server, error);
  }
}

/** Who opens a session in a database, and with what settings it begins. */
export interface Insider {
  readonly database: string;
  readonly role: string;
  readonly password: string;
  readonly settings: Readonly<Record<string, string>>;
  /** How long a statement may take; two minutes where nothing is said. */
  readonly seconds?: number;
}

const INSIDE_SECONDS = 120;

/** Opens a session in a database of a tenant, or in one that is being made, as a role without privileges. `at` is whose database it is. */
export async function openInside(scope: Scope, place: { server: NodeId; at: NodeId }, insider: Insider): Promise<SqlSession> {
  const host = await addressOf(scope, place.server);
  if (host === undefined) throw failure("BAL-E002", place.server, "PostgreSQL does not run");
  const { role: user, seconds = INSIDE_SECONDS, ...rest } = insider;
  try {
    const session = await scope.sql({ host, port: POSTGRES_PORT, user, ...rest }, seconds);
    return {
      query: (text, values) => session.query(text, values).catch((error: unknown) => thrown(insideFault(place, error))) as never,
      end: () => session.end(),
    };
  } catch (error) {
    throw unreachable(place.server, error);
  }
}

function thrown(error: unknown): never {
  throw error;
}

function unreachable(server: NodeId, error: unknown): ProblemError {
  const { message } = error as Error;
  if (saysFull(message)) return fullDisk(server, message, error);
  return failure("BAL-E002", server, `PostgreSQL does not answer: ${message}`, { cause: error });
}

export interface LabelledDatabase {
  readonly database: string;
  readonly owner: string;
  /** Of its server and of itself: another one of the same name has another. */
  readonly identity: string;
  /** False while nobody may connect to it. */
  readonly open: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/** All databases of a server with the labels that are their comments: written last, so that a database without them is not whole. */
export async function databasesOf(session: ServerSession): Promise<readonly LabelledDatabase[]> {
  const rows = await session.run(SERVER_SQL.databases());
  return rows.map(({ comment, ...row }) => ({ ...row, labels: labelsIn(comment) }));
}

/** Labels that stand in a comment; none where somebody else wrote it. */
export function labelsIn(comment: string | null): Readonly<Record<string, string>> {
  try {
    const labels: unknown = JSON.parse(comment ?? "{}");
    return isTextRecord(labels) ? labels : {};
  } catch {
    return {};
  }
}

/** True of labels that say that an object is this node's, in this installation. */
export function isOf(scope: Pick<Scope, "owner">, labels: Readonly<Record<string, string>>, node: NodeId): boolean {
  return labels["ballast.instance"] === scope.owner.instance && labels["ballast.node"] === node;
}

/** Any comment may stand on a database that is not ours. */
function isTextRecord(value: unknown): value is Record<string, string> {
  return typeof value === "object" && value !== null && Object.values(value).every((one) => typeof one === "string");
}

/** What one server answered: its databases of ours, or why nothing is known of them. */
export interface ServerLook {
  readonly server: NodeId;
  readonly nodes: readonly ObservedNode[];
  readonly silent?: string;
  /** The databases on it that are not ours, by their names; missing where it is silent. */
  readonly strangers?: ReadonlyMap<string, Stranger>;
}

/** Asks every server for the databases of a stack, or of all: each answers by itself, and never fails. Databases of a silent one cannot be judged. */
export async function askServers(scope: Scope, stack: StackId | undefined): Promise<ReadonlyMap<NodeId, Promise<ServerLook>>> {
  const { nodes } = await lookAtContainers(scope, undefined);
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
  const looks = await Promise.all((await askServers(scope, stack)).values());
  return { nodes: looks.flatMap((look) => look.nodes) };
}

type FoundOn = Required<Pick<ServerLook, "nodes" | "strangers">>;

async function databasesOn(scope: Scope, server: NodeId, stack: StackId | undefined): Promise<FoundOn> {
  const session = await openServer(scope, server, 10);
  try {
    const nodes: ObservedNode[] = [];
    const strangers = new Map<string, Stranger>();
    for (const { labels, database, identity } of await databasesOf(session)) {
      const found = declaredOf(labels);
      // Labels are written before the name, which is the last act.
      if (isTemporary(database)) continue;
      if (found === undefined || labels["ballast.instance"] !== scope.owner.instance) {
        strangers.set(database, strangerOf({ database, identity, labels }));
        continue;
      }
      if (stack !== undefined && stackOf(found.declared.id) !== stack) continue;
      const bytes = isMeasured(found.declared) ? { bytes: await sizeOf(session, database) } : {};
      nodes.push({ ...found, condition: "serving", facts: { database, server, identity, ...bytes, ...sourceIn(labels) } });
    }
    return { nodes, strangers };
  } finally {
    await session.end();
  }
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

/** Where the data of a copy came from, in words. */
export const SOURCE_LABEL = "ballast.source";

function sourceIn(labels: Readonly<Record<string, string>>): { source?: string } {
  const source = labels[SOURCE_LABEL];
  return source === undefined ? {} : { source };
}

/** Only what has a quota is measured: it costs a look at every file of the database. */
function isMeasured({ kind, spec }: ObservedNode["declared"]): boolean {
  return kind === "database" && "diskQuotaBytes" in spec;
}

export async function sizeOf(session: ServerSession, database: string): Promise<number> {
  const [row] = await session.run(SERVER_SQL.sizeOf(database));
  return Number(row?.bytes ?? 0);
}

/** The server that a database or template node stands on: the end of its `sql` edge. */
export function serverOf(node: { readonly id: NodeId; readonly uses: readonly { readonly to: NodeId; readonly as: string }[] }): NodeId {
  const edge = node.uses.find((use) => use.as === "sql");
  if (edge === undefined) throw failure("BAL-E003", node.id, `${nameOf(node.id)} names no server`);
  return edge.to;
}
