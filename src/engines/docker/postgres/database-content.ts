import type { SqlSession } from "../../../adapters/postgres/session.ts";
import { afterReading, contentEdits, type DatabaseContent, isOwnAddress, isTold, SHOWN } from "../../../domain/stack/database-content.ts";
import { type AnyNode, nameOf, type Stack, type StackNode, stackOf } from "../../../domain/stack/node.ts";
import type { Edit, ObservedNode, Seen } from "../../../domain/stack/observation.ts";
import { failure } from "../../../kernel/problem.ts";
import { addressOf } from "../container/containers.ts";
import { materialised } from "../container/files.ts";
import { createReadings } from "../observe/readings.ts";
import type { Scope } from "../scope.ts";
import { POSTGRES_PORT, serverOf } from "./servers.ts";

const STATEMENT_SECONDS = 5;
/** How long what was read of a database is used. */
const AGAIN_MS = 60_000;
/** So many databases are read at once; the others wait for their turn. */
const AT_ONCE = 4;
/** Docker, which says where the server is, knows no time-out. */
const AT_MOST_MS = 30_000;
/** Looks come each half a minute: what none of them asked for in that time is gone, or another. */
const FORGET_MS = 10 * AGAIN_MS;
/** Tables of every Odoo in which what is asked for stands. */
const PARAMETERS = "ir_config_parameter";
const KEYS = "res_users_apikeys";
const TABLES = `SELECT name FROM pg_catalog.unnest($1::text[]) name WHERE pg_catalog.to_regclass('public.' || name) IS NULL`;
const ADDRESS = `SELECT (SELECT pg_catalog.left(value::text, ${SHOWN}) FROM public.${PARAMETERS} WHERE key::text = 'web.base.url' LIMIT 1) AS url`;
const KEYED = `SELECT EXISTS (SELECT FROM public.${KEYS} WHERE index = $1) AS keyed`;
/** A column that every Odoo has is not there (SQLSTATE 42703), or its tenant may not read what was its own (42501). */
const OTHERWISE = new Set(["42703", "42501"]);

/** What was read, by instance, node and identity of its database. */
const readings = createReadings<readonly Edit[]>({ atOnce: AT_ONCE, againMs: AGAIN_MS, atMostMs: AT_MOST_MS, forgetMs: FORGET_MS });

/**
 * Tells of databases whose content is not what was written when they were made: their address, or the key that Ballast calls with. A look waits for none
 * of it: it tells what was read last, and has what is older than a minute read again.
 */
export function lookIntoDatabases(scope: Scope, stack: Stack, nodes: Map<string, Seen<ObservedNode>>): void {
  for (const node of stack.nodes) {
    const observation = nodes.get(node.id);
    if (node.kind !== "database" || observation?.state !== "present" || stack.id.includes("~") || !isTold(observation.value.hash)) continue;
    const key = `${scope.owner.instance} ${node.id} ${String(observation.value.facts["identity"])} ${observation.value.hash}`;
    const last = readings.ask(key, scope.now(), async (before = []) => afterReading(before, await tryRead(scope, node, observation.value)));
    if (last === undefined || last.length === 0) continue;
    nodes.set(node.id, { ...observation, value: { ...observation.value, edits: [...(observation.value.edits ?? []), ...last] } });
  }
}

/** Undefined where it cannot be read now. */
async function tryRead(scope: Scope, node: StackNode<"database">, found: ObservedNode): Promise<readonly Edit[] | undefined> {
  return await read(scope, node, found).catch(() => undefined);
}

/** Read as the tenant's own role: what stands there is its tenant's to choose, and concerns nobody else. Undefined where it cannot be read now. */
async function read(scope: Scope, node: StackNode<"database">, found: ObservedNode): Promise<readonly Edit[] | undefined> {
  const host = await addressOf(scope, serverOf(node));
  const [password, key] = await Promise.all([secretOf(scope, node, "role-password"), secretOf(scope, node, "api-key")]);
  if (host === undefined || password === "" || key === "") return undefined;
  const { name, role } = node.spec;
  const settings = { search_path: "pg_catalog,pg_temp", lock_timeout: "2s" };
  const session = await scope.sql({ host, port: POSTGRES_PORT, user: role, password, database: name, settings }, STATEMENT_SECONDS);
  try {
    return contentEdits(await contentIn(session, key), { told: found.declared, wanted: node });
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === undefined || !OTHERWISE.has(code)) throw error;
    return [{ field: "its tables", made: "Odoo's", found: printable(message).slice(0, SHOWN), repair: "report" }];
  } finally {
    await session.end();
  }
}

/**
 * Whether the address in a database may be written: it is what it was told, or is about to be. Another one is somebody else's until it is adopted, and is
 * left; to change what it was told is refused.
 */
export async function mayTellAddress(
  session: SqlSession,
  node: StackNode<"database">,
  told: Pick<AnyNode, "spec" | "uses"> | undefined,
): Promise<boolean> {
  const [row] = await session.query<{ url: string | null }>(ADDRESS);
  if (told === undefined || row === undefined || row.url === null || isOwnAddress(row.url, [told, node])) return true;
  if ((told.spec as Partial<typeof node.spec>).baseUrl === node.spec.baseUrl) return false;
  throw failure("BAL-E053", node.id, `is not what was made: its address is ${printable(row.url)}, which is not written over`, {
    hint: `where that is meant, accept it: ballast apply FOLDER --adopt ${stackOf(node.id)}`,
  });
}

/** What says whose a database is. `key` is the one that Ballast calls with, of which Odoo keeps the beginning. */
export async function contentIn(session: SqlSession, key: string): Promise<DatabaseContent> {
  const rows = await session.query<{ name: string }>(TABLES, [[PARAMETERS, KEYS]]);
  const missing = rows.map((row) => row.name);
  const address = missing.includes(PARAMETERS) ? undefined : (await session.query<{ url: string | null }>(ADDRESS))[0];
  const keyed = missing.includes(KEYS) ? undefined : (await session.query<{ keyed: boolean }>(KEYED, [key.slice(0, 8)]))[0]?.keyed;
  return {
    missing,
    ...(address === undefined ? {} : { url: printable(address.url ?? "none") }),
    ...(keyed === undefined ? {} : { keyed }),
  };
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}

async function secretOf(scope: Scope, node: StackNode<"database">, name: string): Promise<string> {
  const edge = node.uses.find((use) => use.as === "credential" && nameOf(use.to) === name);
  return edge === undefined ? "" : await materialised(scope, edge.to);
}
