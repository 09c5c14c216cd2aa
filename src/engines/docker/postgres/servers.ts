import type { SqlSession } from "../../../adapters/postgres/session.ts";
import type { BlockerRow } from "../../../adapters/postgres/superuser-lock-sql.ts";
import { openServerSession, type ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import type { NodeId } from "../../../domain/stack/node.ts";
import { nameOf, stackOf } from "../../../domain/stack/node.ts";
import { failure, type ProblemError } from "../../../kernel/problem.ts";
import type { EndedSession } from "../../engine.ts";
import { addressOf } from "../container/containers.ts";
import { materialised } from "../container/files.ts";
import { fullDisk, saysFull } from "../room.ts";
import type { Scope } from "../scope.ts";
import { insideFault, serverFault } from "./sql-fault.ts";
import { unheld } from "./unheld.ts";

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
  const target = { host, port: POSTGRES_PORT, password };
  try {
    const session = unheld(await openServerSession(scope.sql, target, statementSeconds), {
      open: () => openServerSession(scope.sql, target, BESIDE_SECONDS),
      ended: (one) => remember(scope, server, one),
    });
    return {
      run: (statement) => session.run(statement).catch((error: unknown) => thrown(serverFault(server, error))),
      end: () => session.end(),
    };
  } catch (error) {
    throw unreachable(server, error);
  }
}

const BESIDE_SECONDS = 5;
/** More than these wait for no telling: the watch tells them each two seconds. */
const MOST_ENDED = 1000;

function remember(scope: Scope, server: NodeId, { pid, role, database }: BlockerRow): void {
  const because = "it held what a change of the server was waiting for";
  const one: EndedSession = { stack: stackOf(server), server, pid, role, database, held: "change", because };
  if (scope.ended.length < MOST_ENDED) scope.ended.push(one);
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
  /** True of one whose removal was interrupted: nobody may use it any more, and it can only go. */
  readonly invalid: boolean;
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

/** Where the data of a copy came from, in words. */
export const SOURCE_LABEL = "ballast.source";

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
