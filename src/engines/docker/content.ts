import { nameOf, type Stack, type StackNode } from "../../domain/stack/node.ts";
import type { Edit, ObservedNode, Seen } from "../../domain/stack/observation.ts";
import { addressOf } from "./containers.ts";
import { materialised } from "./files.ts";
import type { Scope } from "./scope.ts";
import { POSTGRES_PORT, serverOf } from "./servers.ts";

const STATEMENT_SECONDS = 5;
/** How long what was read of a database is used. */
const AGAIN_MS = 60_000;
/** So many databases are read at once; the others have their turn at a later look. */
const AT_ONCE = 4;
/** What a tenant wrote is shown as far as this. */
const SHOWN = 120;

const QUERY = `SELECT (SELECT pg_catalog.left(value::text, ${SHOWN}) FROM public.ir_config_parameter WHERE key = 'web.base.url' LIMIT 1) AS url,
  EXISTS (SELECT FROM public.res_users_apikeys WHERE index = $1) AS keyed`;

interface Known {
  readonly at: number;
  readonly edits: readonly Edit[];
}

/** What was read last, by instance, node and identity of its database. */
const known = new Map<string, Known>();
const reading = new Map<string, Promise<unknown>>();

/**
 * Tells of databases whose content is not what was written when they were made: their address, or the key that Ballast calls with. A look waits for none
 * of it: it tells what was read last, and has what is older than a minute read again.
 */
export function lookIntoDatabases(scope: Scope, stack: Stack, nodes: Map<string, Seen<ObservedNode>>): void {
  for (const node of stack.nodes) {
    const sight = nodes.get(node.id);
    if (node.kind !== "database" || sight?.state !== "present" || stack.id.includes("~")) continue;
    const key = `${scope.owner.instance} ${node.id} ${String(sight.value.facts["identity"])}`;
    const last = known.get(key);
    if (last === undefined || scope.now() - last.at >= AGAIN_MS) readAgain(key, () => contentEdits(scope, node, sight.value), scope);
    if (last === undefined || last.edits.length === 0) continue;
    nodes.set(node.id, { ...sight, value: { ...sight.value, edits: [...(sight.value.edits ?? []), ...last.edits] } });
  }
}

function readAgain(key: string, read: () => Promise<readonly Edit[]>, { now }: Scope): void {
  if (reading.has(key) || reading.size >= AT_ONCE) return;
  // What cannot be read now is not taken for another content.
  const ended = (edits: readonly Edit[]) => {
    known.set(key, { at: now(), edits });
    reading.delete(key);
  };
  reading.set(
    key,
    read().then(ended, () => ended([])),
  );
}

/** Read as the tenant's own role: what stands there is its tenant's to choose, and concerns nobody else. */
export async function contentEdits(scope: Scope, node: StackNode<"database">, found: ObservedNode): Promise<readonly Edit[]> {
  const host = await addressOf(scope, serverOf(node));
  const [password, key] = await Promise.all([secretOf(scope, node, "role-password"), secretOf(scope, node, "api-key")]);
  if (host === undefined || password === "" || key === "") return [];
  const { name, role } = node.spec;
  const settings = { search_path: "pg_catalog,pg_temp", lock_timeout: "2s" };
  const session = await scope.sql({ host, port: POSTGRES_PORT, user: role, password, database: name, settings }, STATEMENT_SECONDS);
  try {
    const [row] = await session.query<{ url: string | null; keyed: boolean }>(QUERY, [key.slice(0, 8)]);
    const { baseUrl } = found.declared.spec as StackNode<"database">["spec"];
    const url = printable(String(row?.url ?? "none")).slice(0, SHOWN);
    return [
      ...(url === baseUrl.slice(0, SHOWN) ? [] : [{ field: "web.base.url", made: baseUrl, found: url, mend: "report" } as const]),
      ...(row?.keyed === true ? [] : [{ field: "Ballast's own API key", made: "there", found: "gone", mend: "report" } as const]),
    ];
  } finally {
    await session.end();
  }
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}

async function secretOf(scope: Scope, node: StackNode<"database">, name: string): Promise<string> {
  const edge = node.uses.find((use) => use.as === "credential" && nameOf(use.to) === name);
  return edge === undefined ? "" : await materialised(scope, edge.to);
}
