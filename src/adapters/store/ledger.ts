import { type Kysely, sql } from "kysely";
import { type LedgerEntry, type LedgerLine, nextLine } from "../../domain/ledger/entry.ts";
import type { Tables } from "./schema.ts";

const LEDGER_LOCK = 7_300_001;

function toLine(row: { seq: string; at: string; entry: string; hash: string }): LedgerLine {
  return { ...row, seq: Number(row.seq) };
}

/** The append-only log of every act and decision. */
export function ledgerVerbs(db: Kysely<Tables>) {
  return {
    /** Appends one entry; writers wait for each other, so that the chain has no fork. */
    async appendLedger(entry: LedgerEntry, at: Date): Promise<LedgerLine> {
      return await db.transaction().execute(async (transaction) => {
        await sql`SELECT pg_advisory_xact_lock(${LEDGER_LOCK})`.execute(transaction);
        const last = await transaction.selectFrom("ledger").selectAll().orderBy("seq", "desc").limit(1).executeTakeFirst();
        const line = nextLine(last === undefined ? undefined : toLine(last), at.toISOString(), entry);
        await transaction
          .insertInto("ledger")
          .values({ ...line, seq: String(line.seq) })
          .execute();
        return line;
      });
    },
    /** What was written about operations, oldest first. */
    async ledgerOf(operations: readonly string[]): Promise<readonly LedgerLine[]> {
      if (operations.length === 0) return [];
      const named = sql<boolean>`entry::jsonb #>> '{evidence,operation}' = ANY(${[...operations]})`;
      return (await db.selectFrom("ledger").selectAll().where(named).orderBy("seq").limit(500).execute()).map(toLine);
    },
    async ledgerLines(limit: number): Promise<readonly LedgerLine[]> {
      const rows = await db.selectFrom("ledger").selectAll().orderBy("seq").limit(limit).execute();
      return rows.map(toLine);
    },
  };
}
