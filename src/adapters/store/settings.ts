import type { Kysely } from "kysely";
import type { Json } from "../../kernel/canonical.ts";
import { storeJson } from "../../kernel/store-value.ts";
import type { Tables } from "./schema.ts";

/** What is chosen once and kept: the instance id, the ingress port. */
export function settingVerbs(db: Kysely<Tables>) {
  return {
    /** The kept value of a setting; `choose` is asked only when there is none, and the first chosen value wins. */
    async keptSetting<T extends { readonly [key: string]: Json | undefined }>(key: string, choose: () => T): Promise<T> {
      const found = await db.selectFrom("setting").select("value").where("key", "=", key).executeTakeFirst();
      if (found) return found.value as T;
      await db
        .insertInto("setting")
        .values({ key, value: storeJson(choose()) as never })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const kept = await db.selectFrom("setting").select("value").where("key", "=", key).executeTakeFirstOrThrow();
      return kept.value as unknown as T;
    },
    /** Sets what changes: the revision in force, whether the fleet is meant to run. */
    async setSetting(key: string, value: { readonly [key: string]: Json | undefined }): Promise<void> {
      const json = storeJson(value) as never;
      await db
        .insertInto("setting")
        .values({ key, value: json })
        .onConflict((conflict) => conflict.column("key").doUpdateSet({ value: json }))
        .execute();
    },
    async setting<T extends { readonly [key: string]: Json | undefined }>(key: string): Promise<T | undefined> {
      const row = await db.selectFrom("setting").select("value").where("key", "=", key).executeTakeFirst();
      return row?.value as T | undefined;
    },
  };
}
