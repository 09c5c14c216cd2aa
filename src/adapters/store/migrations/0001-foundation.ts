import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    CREATE TABLE setting (key text PRIMARY KEY, value jsonb NOT NULL);
    CREATE TABLE revision (hash text PRIMARY KEY, files jsonb NOT NULL, created_at timestamptz NOT NULL);
    CREATE TABLE secret (
      address text NOT NULL, generation integer NOT NULL, sealed bytea NOT NULL, created_at timestamptz NOT NULL,
      PRIMARY KEY (address, generation)
    );
    CREATE TABLE operation (
      id text PRIMARY KEY, verb text NOT NULL, stack text, parent text REFERENCES operation (id), state text NOT NULL,
      actor text NOT NULL, request jsonb NOT NULL, result jsonb, created_at timestamptz NOT NULL, finished_at timestamptz
    );
    CREATE INDEX operation_by_time ON operation (created_at DESC);
    CREATE INDEX operation_by_parent ON operation (parent);
    CREATE TABLE operation_event (
      seq bigserial PRIMARY KEY, operation text NOT NULL REFERENCES operation (id), root text NOT NULL, key text NOT NULL,
      at timestamptz NOT NULL, kind text NOT NULL, subject text NOT NULL, text text NOT NULL,
      UNIQUE (operation, key)
    );
    CREATE INDEX operation_event_by_root ON operation_event (root, seq);
    CREATE TABLE lease (stack text PRIMARY KEY, operation text NOT NULL, since timestamptz NOT NULL);
    CREATE TABLE ledger (seq bigint PRIMARY KEY, at text NOT NULL, entry text NOT NULL, hash text NOT NULL);
  `.execute(db);
}
