import { type Kysely, sql, type Transaction } from "kysely";
import { type LedgerEntry, type LedgerLine, nextLine } from "../../domain/ledger/entry.ts";
import type { Json } from "../../kernel/canonical.ts";
import { storeValue } from "../../kernel/store-value.ts";
import type { Tables } from "./schema.ts";
import { settingVerbs } from "./settings.ts";

/** More lines about one operation are not read. */
export const MOST_LINES = 20_000;
const LEDGER_LOCK = 7_300_001;
/** No reason or evidence is longer than this; a tenant may have chosen it. */
const LONGEST_TEXT = 16_000;

function toLine(row: { seq: string; at: string; entry: string; hash: string }): LedgerLine {
  return { ...row, seq: Number(row.seq) };
}

/** A step is tried again soon: so many lines of others at most lie between. */
const TRIED_WITHIN = 500;

/** The line of the same act on the same subject, by the same operation and the same step. */
async function writtenAlready(db: Kysely<Tables>, { act, subject, evidence }: LedgerEntry): Promise<LedgerLine | undefined> {
  const { operation, once } = evidence;
  if (typeof operation !== "string" || typeof once !== "string") return undefined;
  const recent = db.selectFrom("ledger").selectAll().orderBy("seq", "desc").limit(TRIED_WITHIN).as("recent");
  const mark = `"operation":${JSON.stringify(operation)}`;
  const rows = await db.selectFrom(recent).selectAll().where(sql<boolean>`strpos(entry, ${mark}) > 0`).execute();
  return rows.map(toLine).find((line) => {
    const other = JSON.parse(line.entry) as LedgerEntry;
    return other.act === act && other.subject === subject && other.evidence["operation"] === operation && other.evidence["once"] === once;
  });
}

async function append(transaction: Transaction<Tables>, entry: LedgerEntry, at: Date): Promise<LedgerLine> {
  const kept = storeValue(entry, LONGEST_TEXT) as LedgerEntry;
  await sql`SELECT pg_advisory_xact_lock(${LEDGER_LOCK})`.execute(transaction);
  const written = await writtenAlready(transaction, kept);
  if (written !== undefined) return written;
  const last = await transaction.selectFrom("ledger").selectAll().orderBy("seq", "desc").limit(1).executeTakeFirst();
  const line = nextLine(last === undefined ? undefined : toLine(last), at.toISOString(), kept);
  await transaction
    .insertInto("ledger")
    .values({ ...line, seq: String(line.seq) })
    .execute();
  return line;
}

/** What one look keeps for the next. */
export interface KeptSetting {
  readonly key: string;
  readonly value: { readonly [key: string]: Json | undefined };
}

/** The append-only log of every act and decision. */
export function ledgerVerbs(db: Kysely<Tables>) {
  return {
    /** Appends one entry; writers wait for each other, so that the chain has no fork. What names its `once` in the evidence is written once, however often its step is tried. */
    async appendLedger(entry: LedgerEntry, at: Date): Promise<LedgerLine> {
      return await db.transaction().execute((transaction) => append(transaction, entry, at));
    },
    /** Appends what a look has news of, and keeps what the next one compares with: both or neither, so that what could not be written is news once more. */
    async writeDown(entries: readonly LedgerEntry[], setting: KeptSetting | undefined, at: Date): Promise<void> {
      if (entries.length === 0 && setting === undefined) return;
      await db.transaction().execute(async (transaction) => {
        for (const entry of entries) await append(transaction, entry, at);
        if (setting !== undefined) await settingVerbs(transaction).setSetting(setting.key, setting.value);
      });
    },
    /** What was written about operations and their parts, whose ids begin with theirs, oldest first. */
    async ledgerOf(operations: readonly string[]): Promise<readonly LedgerLine[]> {
      if (operations.length === 0) return [];
      // Not by jsonb: one line of an earlier version that jsonb refuses would make every question fail.
      const marks = operations.map((id) => `"operation":${JSON.stringify(id).slice(0, -1)}`);
      const named = sql<boolean>`EXISTS (SELECT FROM unnest(${marks}::text[]) AS mark WHERE strpos(entry, mark) > 0)`;
      const rows = await db.selectFrom("ledger").selectAll().where(named).orderBy("seq").limit(MOST_LINES).execute();
      const isAsked = (of: unknown) => operations.some((id) => of === id || (typeof of === "string" && of.startsWith(`${id}:`)));
      return rows.map(toLine).filter((line) => isAsked((JSON.parse(line.entry) as LedgerEntry).evidence["operation"]));
    },
    async ledgerLines(limit: number): Promise<readonly LedgerLine[]> {
      const rows = await db.selectFrom("ledger").selectAll().orderBy("seq").limit(limit).execute();
      return rows.map(toLine);
    },
  };
}
