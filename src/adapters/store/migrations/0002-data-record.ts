import { type Kysely, sql } from "kysely";

/** What holds data is remembered outside of it, one row a node; the sequence in `setting` says which of two copies is the newer. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE data_record (
      node text PRIMARY KEY,
      record jsonb NOT NULL
    )`.execute(db);
}
