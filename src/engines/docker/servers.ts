import { quoteName, quoteText, type SqlSession } from "../../adapters/postgres/session.ts";
import type { NodeId, StackId } from "../../domain/stack/node.ts";
import { nameOf, stackOf } from "../../domain/stack/node.ts";
import type { ObservedNode } from "../../domain/stack/observation.ts";
import { failure } from "../../kernel/problem.ts";
import { addressOf, lookAtContainers } from "./containers.ts";
import { materialised } from "./files.ts";
import type { Found } from "./found.ts";
import { declaredOf } from "./labels.ts";
import { fullDisk, saysFull } from "./room.ts";
import type { Scope } from "./scope.ts";
import { sqlFault } from "./sql-fault.ts";

export const POSTGRES_PORT = 5432;
/** The name of the secret beside each PostgreSQL server. */
export const SUPERUSER_SECRET = "superuser-password";

/** Opens a session on a PostgreSQL server of ours, as its superuser. */
export async function openServer(scope: Scope, server: NodeId, database = "postgres", statementSeconds?: number): Promise<SqlSession> {
  const host = await addressOf(scope, server);
  if (host === undefined) throw failure("BAL-E002", server, "PostgreSQL does not run");
  const secret: NodeId = `${stackOf(server)}/${SUPERUSER_SECRET}`;
  const password = await materialised(scope, secret);
  if (password === "")
    throw failure("BAL-E032", secret, `the password of ${server} is not written down, or its file is empty`, {
      hint: "ballast apply FOLDER writes it again",
    });
  try {
    const session = coded(server, await scope.sql({ host, port: POSTGRES_PORT, user: "postgres", password, database }, statementSeconds));
    // What Ballast makes can be made again: it must not wait for a replica that is away.
    await session.query("SET synchronous_commit TO local");
    return session;
  } catch (error) {
    if (saysFull((error as Error).message)) throw fullDisk(server, (error as Error).message, error);
    throw failure("BAL-E002", server, `PostgreSQL does not answer: ${(error as Error).message}`, { cause: error });
  }
}

/** The same session, whose faults say what they are. */
function coded(server: NodeId, session: SqlSession): SqlSession {
  return {
    query: (text, values) =>
      session.query(text, values).catch((error: unknown) => {
        throw sqlFault(server, error);
      }) as never,
    end: () => session.end(),
  };
}

/** The labels of a database, as its comment: written last, so that a database without them is not whole. */
export async function labelDatabase(session: SqlSession, database: string, labels: Record<string, string>): Promise<void> {
  await session.query(`COMMENT ON DATABASE ${quoteName(database)} IS ${quoteText(JSON.stringify(labels))}`);
}

export interface LabelledDatabase {
  readonly database: string;
  readonly labels: Readonly<Record<string, string>>;
}

export async function labelledDatabases(session: SqlSession): Promise<readonly LabelledDatabase[]> {
  const rows = await session.query<{ database: string; comment: string | null }>(
    `SELECT d.datname AS database, s.description AS comment
     FROM pg_database d LEFT JOIN pg_shdescription s ON s.objoid = d.oid AND s.classoid = 'pg_database'::regclass
     WHERE NOT d.datname IN ('template0', 'template1', 'postgres')`,
  );
  return rows.flatMap((row) => {
    try {
      const labels: unknown = JSON.parse(row.comment ?? "{}");
      return isTextRecord(labels) ? [{ database: row.database, labels }] : [];
    } catch {
      return [];
    }
  });
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
    return { server, nodes: await databasesOn(scope, server, stack) };
  } catch (error) {
    return { server, nodes: [], silent: (error as Error).message };
  }
}

/** Databases of a stack, or of all, on the servers that answer. */
export async function lookAtDatabases(scope: Scope, stack: StackId | undefined): Promise<Found> {
  const looks = await Promise.all((await askServers(scope, stack)).values());
  return { nodes: looks.flatMap((look) => look.nodes) };
}

async function databasesOn(scope: Scope, server: NodeId, stack: StackId | undefined): Promise<readonly ObservedNode[]> {
  const session = await openServer(scope, server, "postgres", 10);
  try {
    const nodes: ObservedNode[] = [];
    for (const { labels, database } of await labelledDatabases(session)) {
      const found = declaredOf(labels);
      if (found === undefined || labels["ballast.instance"] !== scope.owner.instance) continue;
      if (stack !== undefined && stackOf(found.declared.id) !== stack) continue;
      const bytes = isMeasured(found.declared) ? { bytes: await sizeOf(session, database) } : {};
      nodes.push({ ...found, condition: "serving", facts: { database, server, ...bytes } });
    }
    return nodes;
  } finally {
    await session.end();
  }
}

/** Only what has a quota is measured: it costs a look at every file of the database. */
function isMeasured({ kind, spec }: ObservedNode["declared"]): boolean {
  return kind === "database" && "diskQuotaBytes" in spec;
}

async function sizeOf(session: SqlSession, database: string): Promise<number> {
  const [row] = await session.query<{ bytes: string }>("SELECT pg_database_size($1)::text AS bytes", [database]);
  return Number(row?.bytes ?? 0);
}

/** The server that a database or template node stands on: the end of its `sql` edge. */
export function serverOf(node: { readonly id: NodeId; readonly uses: readonly { readonly to: NodeId; readonly as: string }[] }): NodeId {
  const edge = node.uses.find((use) => use.as === "sql");
  if (edge === undefined) throw failure("BAL-E003", node.id, `${nameOf(node.id)} names no server`);
  return edge.to;
}
