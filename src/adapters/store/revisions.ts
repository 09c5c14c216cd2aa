import type { Kysely } from "kysely";
import { hashOf, type Json } from "../../kernel/canonical.ts";
import { storeJson } from "../../kernel/store-value.ts";
import type { Tables } from "./schema.ts";

export interface FleetFile {
  readonly path: string;
  readonly text: string;
}

/** The fleet texts that were ever applied, by content. */
export function revisionVerbs(db: Kysely<Tables>) {
  return {
    /** Keeps the files and returns their content hash; the same files are kept once. */
    async keepRevision(files: readonly FleetFile[], at: Date): Promise<string> {
      const hash = hashOf(files as unknown as Json);
      await db
        .insertInto("revision")
        .values({ hash, files: storeJson(files), created_at: at })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return hash;
    },
    async revisionFiles(hash: string): Promise<readonly FleetFile[] | undefined> {
      const row = await db.selectFrom("revision").select("files").where("hash", "=", hash).executeTakeFirst();
      return row?.files;
    },
  };
}
