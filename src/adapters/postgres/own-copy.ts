import type { KnownSeries } from "../../domain/odoo/known-series.ts";
import { neutralising } from "../../domain/odoo/neutralise.ts";
import { apiKeyStatement, type Identity, mailToStatements, rekeyStatements, type Statement } from "../../domain/odoo/rekey.ts";
import { type CopyCheck, copyChecks } from "../../domain/odoo/verify-copy.ts";
import { failure } from "../../kernel/problem.ts";
import { disarm } from "./disarm.ts";
import { quoteName, type SqlSession } from "./session.ts";
import { hasColumns, runStatements } from "./tables.ts";

/** A database that was copied or restored from somewhere and must become somebody's own before anybody uses it. */
export interface CopyWork {
  /** The node whose database it becomes. */
  readonly at: string;
  /** Opens a session in the copy, authenticated as a role without privileges that owns what is in it. */
  readonly open: (mode: "writing" | "reading") => Promise<SqlSession>;
  readonly identity: Identity;
  readonly apiKey: { readonly name: string; readonly key: string; readonly keyHash: string };
  /** The series by which it is neutralised; missing for a production that begins. */
  readonly neutralise?: KnownSeries;
  readonly mailTo?: { readonly host: string; readonly port: number };
  readonly handOver?: HandOver;
  /** Ends the work: what the copy's content makes of a statement may take as long as it likes. */
  readonly signal?: AbortSignal;
}

/** The role that owned everything so far, where that is not the owner to be, and the owner to be. */
export interface HandOver {
  readonly from?: string;
  readonly to: string;
}

const COPY = { search_path: "pg_catalog,pg_temp", lock_timeout: "15s", synchronous_commit: "local" } as const;
/** With what settings the sessions in a copy begin: names are found in the catalog alone, so nothing in the copy stands for what is meant. */
export const COPY_SETTINGS = { writing: COPY, reading: { ...COPY, default_transaction_read_only: "on" } } as const;

/**
 * Gives a copy an identity of its own, neutralises it where it must not act on the outside world, hands it to its owner, and proves by a second session
 * that all of this is so. The content of the copy is taken for hostile: it runs with no rights but those in this one database.
 */
export async function makeOwn(work: CopyWork): Promise<void> {
  const statements = [
    ...rekeyStatements(work.identity),
    apiKeyStatement(work.apiKey),
    ...(work.neutralise === undefined ? [] : neutralising(work.neutralise)),
    ...(work.mailTo === undefined ? [] : mailToStatements(work.mailTo)),
  ];
  const checks = copyChecks({
    identity: work.identity,
    apiKeyHash: work.apiKey.keyHash,
    ...(work.neutralise === undefined ? {} : { neutralised: work.neutralise }),
  });
  await within(work, "writing", (session) => rewrite(session, work, { statements, checks }));
  await within(work, "reading", (session) => verify(session, work.at, checks));
}

async function within(work: CopyWork, mode: "writing" | "reading", act: (session: SqlSession) => Promise<void>): Promise<void> {
  work.signal?.throwIfAborted();
  const session = await work.open(mode);
  const leave = () => void session.end().catch(() => undefined);
  work.signal?.addEventListener("abort", leave);
  try {
    await refusePrivileged(session, work.at);
    await act(session);
  } finally {
    work.signal?.removeEventListener("abort", leave);
    await session.end();
  }
}

/** Whoever gets here with a privileged session would hand its rights to the first trigger of the copy. */
async function refusePrivileged(session: SqlSession, at: string): Promise<void> {
  const text =
    "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = session_user AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)";
  if ((await session.query(text)).length > 0) throw failure("BAL-E020", at, "would be rewritten by a role with privileges");
}

async function rewrite(
  session: SqlSession,
  work: CopyWork,
  { statements, checks }: { statements: readonly Statement[]; checks: readonly CopyCheck[] },
): Promise<void> {
  const written = statements.flatMap(({ text, where }) => where?.split(".")[0] ?? /public\.(\w+)/.exec(text)?.[1] ?? []);
  await session.query("BEGIN");
  const rearm = await disarm(session, [...new Set([...written, ...checks.map((check) => check.table)])]);
  await runStatements(session, statements);
  await rearm();
  if (work.handOver !== undefined) await handOver(session, work.handOver);
  await session.query("COMMIT");
}

/** First the schema, in which the new owner must be allowed to have things, then the things. */
async function handOver(session: SqlSession, { from, to }: HandOver): Promise<void> {
  await session.query(`ALTER SCHEMA public OWNER TO ${quoteName(to)}`);
  if (from !== undefined) await session.query(`REASSIGN OWNED BY ${quoteName(from)} TO ${quoteName(to)}`);
}

/** Reads plain tables with columns of the catalog's own types only: what could lie in an answer (a view, a policy, a type of the tenant's) is refused. */
async function verify(session: SqlSession, at: string, checks: readonly CopyCheck[]): Promise<void> {
  await session.query("BEGIN READ ONLY");
  for (const check of checks) {
    if (!(await hasColumns(session, check.table, check.columns))) continue;
    if (!(await isPlain(session, check))) throw notOwn(at, `${check.table} is not a plain table of Odoo's`);
    if ((await session.query(check.text, check.values)).length > 0) throw notOwn(at, check.says);
  }
  await session.query("COMMIT");
}

async function isPlain(session: SqlSession, { table, columns }: CopyCheck): Promise<boolean> {
  const text = `SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relname = $1 AND c.relkind = 'r' AND NOT c.relforcerowsecurity
       AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
         WHERE a.attrelid = c.oid AND a.attname = ANY($2::name[]) AND t.typnamespace <> 'pg_catalog'::pg_catalog.regnamespace)`;
  return (await session.query(text, [table, [...columns]])).length > 0;
}

function notOwn(at: string, says: string): Error {
  return failure("BAL-E020", at, `the copy is not used: ${says}`, {
    hint: "something in its data undoes what Ballast writes: look for triggers, rules and policies on that table",
  });
}
