import { quoteName, type SqlSession } from "./session.ts";

interface Armed {
  readonly name: string;
  readonly table: string;
  /** `O` as usual, `A` always, `R` on a replica. */
  readonly fires: "O" | "A" | "R";
  readonly what: "TRIGGER" | "RULE";
}

const VERB = { O: "ENABLE", A: "ENABLE ALWAYS", R: "ENABLE REPLICA" } as const;

/**
 * Switches off what the owner of a database hung on these tables (triggers and rewrite rules), and returns what puts them
 * back as they were. To be called inside the transaction that writes. Triggers of foreign keys stay: they are not the owner's.
 */
export async function disarm(session: SqlSession, tables: readonly string[]): Promise<() => Promise<void>> {
  const armed = await session.query<Armed>(
    `SELECT t.tgname AS name, c.relname AS table, t.tgenabled AS fires, 'TRIGGER' AS what
     FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relname = ANY($1::name[]) AND c.relkind = 'r' AND NOT t.tgisinternal AND t.tgenabled <> 'D'
     UNION ALL
     SELECT r.rulename, c.relname, r.ev_enabled, 'RULE'
     FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relname = ANY($1::name[]) AND c.relkind = 'r' AND r.ev_enabled <> 'D'`,
    [[...tables]],
  );
  const alter = (table: string, how: string) => session.query(`ALTER TABLE public.${quoteName(table)} ${how}`);
  for (const { table, what, name } of armed) await alter(table, `DISABLE ${what} ${quoteName(name)}`);
  return async () => {
    // Whether a check that was put off until the commit fails must be known before the table is altered once more.
    await session.query("SET CONSTRAINTS ALL IMMEDIATE");
    for (const { table, what, name, fires } of armed) await alter(table, `${VERB[fires]} ${what} ${quoteName(name)}`);
  };
}
