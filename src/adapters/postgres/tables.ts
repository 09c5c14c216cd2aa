import type { Statement } from "../../domain/odoo/rekey.ts";
import type { SqlSession } from "./session.ts";

/** Runs each statement whose table and column are there. */
export async function runStatements(session: SqlSession, statements: readonly Statement[]): Promise<void> {
  for (const { text, values, where } of statements) {
    const [table = "", column] = (where ?? "").split(".");
    if (where === undefined || (await hasColumns(session, table, column === undefined ? [] : [column]))) await session.query(text, values);
  }
}

/** True when the table is there with all these columns. */
export async function hasColumns(session: SqlSession, table: string, columns: readonly string[]): Promise<boolean> {
  const text = `SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relname = $1 AND c.relkind <> 'i'
       AND NOT EXISTS (SELECT 1 FROM pg_catalog.unnest($2::text[]) AS wanted(name)
         WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attname = wanted.name AND NOT a.attisdropped))`;
  return (await session.query(text, [table, [...columns]])).length > 0;
}
