import type { Kysely, Transaction } from "kysely";
import type { DataRecord } from "../../domain/stack/data-record.ts";
import { storeJson } from "../../kernel/store-value.ts";
import type { Tables } from "./schema.ts";

const KEY = "data-records";

/** All that is remembered of what holds data. Of two copies the one with the higher sequence is the newer. */
export interface DataRecordCopy {
  readonly sequence: number;
  readonly records: readonly DataRecord[];
}

async function sequenceIn(db: Kysely<Tables>): Promise<number> {
  const row = await db.selectFrom("setting").select("value").where("key", "=", KEY).executeTakeFirst();
  return (row?.value as { sequence?: number } | undefined)?.sequence ?? 0;
}

async function setSequence(db: Transaction<Tables>, sequence: number): Promise<void> {
  const value = storeJson({ sequence }) as never;
  await db
    .insertInto("setting")
    .values({ key: KEY, value })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
    .execute();
}

async function write(db: Transaction<Tables>, records: readonly DataRecord[]): Promise<void> {
  for (const record of records) {
    const text = storeJson(record) as never;
    await db
      .insertInto("data_record")
      .values({ node: record.node, record: text })
      .onConflict((conflict) => conflict.column("node").doUpdateSet({ record: text }))
      .execute();
  }
}

/** What is remembered of objects that hold data. */
export function dataRecordVerbs(db: Kysely<Tables>) {
  return {
    async dataRecords(): Promise<DataRecordCopy> {
      const rows = await db.selectFrom("data_record").select("record").orderBy("node").execute();
      return { sequence: await sequenceIn(db), records: rows.map((row) => row.record as unknown as DataRecord) };
    },
    /** Changes all of it in one transaction, and returns the sequence that it then has. */
    async changeDataRecords(keep: readonly DataRecord[], forget: readonly string[]): Promise<number> {
      return await db.transaction().execute(async (transaction) => {
        await write(transaction, keep);
        if (forget.length > 0) await transaction.deleteFrom("data_record").where("node", "in", forget).execute();
        const sequence = (await sequenceIn(transaction)) + 1;
        await setSequence(transaction, sequence);
        return sequence;
      });
    },
    /** Takes over a newer copy whole. */
    async replaceDataRecords({ sequence, records }: DataRecordCopy): Promise<void> {
      await db.transaction().execute(async (transaction) => {
        await transaction.deleteFrom("data_record").execute();
        await write(transaction, records);
        await setSequence(transaction, sequence);
      });
    },
  };
}
