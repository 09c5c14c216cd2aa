import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import * as foundation from "./migrations/0001-foundation.ts";
import * as dataRecord from "./migrations/0002-data-record.ts";
import type { Tables } from "./schema.ts";

/** Every migration in its order; a new one is a file in `migrations/` and a line here. There is no way down: a newer store refuses an older Ballast. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "0001-foundation": foundation,
  "0002-data-record": dataRecord,
};

/** Brings the store to this version's shape. Takes Kysely's migration lock, so that two processes cannot do it at once. */
export async function migrate(db: Kysely<Tables>): Promise<readonly string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) throw new Error("the store could not be brought to this version's shape", { cause: error });
  return (results ?? []).map((result) => result.migrationName);
}
