import type { Kysely } from "kysely";
import type { Tables } from "./schema.ts";

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
  };
}
