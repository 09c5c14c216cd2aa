import { type Kysely, sql } from "kysely";
import type { Tables } from "./schema.ts";

const SEALED_WITH = "sealed-with";

async function writeMark(db: Kysely<Tables>, mark: string): Promise<void> {
  const value = JSON.stringify({ mark }) as never;
  await db
    .insertInto("setting")
    .values({ key: SEALED_WITH, value })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
    .execute();
}

/** Sealed values. This file never sees an open one. */
export function secretVerbs(db: Kysely<Tables>) {
  async function sealedSecret(address: string, generation: number): Promise<Uint8Array | undefined> {
    const row = await db
      .selectFrom("secret")
      .select("sealed")
      .where("address", "=", address)
      .where("generation", "=", generation)
      .executeTakeFirst();
    return row?.sealed;
  }
  return {
    sealedSecret,
    /** Keeps a sealed value unless there is one already; returns the one that is kept, so that two who generate at once agree. */
    async keepSealedSecret(secret: { address: string; generation: number; sealed: Uint8Array; at: Date }): Promise<Uint8Array> {
      await db
        .insertInto("secret")
        .values({ address: secret.address, generation: secret.generation, sealed: Buffer.from(secret.sealed), created_at: secret.at })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return (await sealedSecret(secret.address, secret.generation)) as Uint8Array;
    },
    /** Forgets every generation of a secret whose owner is gone for good. */
    async forgetSecret(address: string): Promise<void> {
      await db.deleteFrom("secret").where("address", "=", address).execute();
    },
    /** Forgets what was in force before the last rotation, a day after it. */
    async forgetFormerSecrets(): Promise<void> {
      await sql`
        DELETE FROM secret AS old USING secret AS newer
        WHERE newer.address = old.address AND newer.generation > old.generation AND newer.created_at < now() - interval '1 day'`.execute(
        db,
      );
    },
  };
}

/** What rotating the sealing key needs: the mark of the key, and every sealed value at once. */
export function sealVerbs(db: Kysely<Tables>) {
  return {
    async sealedWith(): Promise<string | undefined> {
      const row = await db.selectFrom("setting").select("value").where("key", "=", SEALED_WITH).executeTakeFirst();
      return (row?.value as { mark?: string } | undefined)?.mark;
    },
    markSealedWith: (mark: string) => writeMark(db, mark),
    async sealedCount(): Promise<number> {
      const row = await db
        .selectFrom("secret")
        .select((is) => is.fn.countAll<string>().as("count"))
        .executeTakeFirstOrThrow();
      return Number(row.count);
    },
    /** Replaces every sealed value, and the mark of the key with it, in one transaction. */
    async resealAll(convert: (place: string, sealed: Uint8Array) => Uint8Array, mark: string): Promise<void> {
      await db.transaction().execute(async (transaction) => {
        const rows = await transaction.selectFrom("secret").select(["address", "generation", "sealed"]).forUpdate().execute();
        for (const { address, generation, sealed } of rows) {
          const again = Buffer.from(convert(`${address}#${generation}`, sealed));
          await transaction
            .updateTable("secret")
            .set({ sealed: again })
            .where("address", "=", address)
            .where("generation", "=", generation)
            .execute();
        }
        await writeMark(transaction, mark);
      });
    },
    async forgetAllSealed(): Promise<void> {
      await db.deleteFrom("secret").execute();
    },
  };
}
