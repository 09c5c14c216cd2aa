import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { admissionVerbs, forceVerbs } from "./admission.ts";
import { textBorder } from "./border.ts";
import { dataRecordVerbs } from "./data-records.ts";
import { eventVerbs } from "./events.ts";
import { housekeepingVerbs } from "./housekeeping.ts";
import { leaseVerbs } from "./leases.ts";
import { ledgerVerbs } from "./ledger.ts";
import { migrate } from "./migrate.ts";
import { createNews } from "./news.ts";
import { operationVerbs } from "./operations.ts";
import { revisionVerbs } from "./revisions.ts";
import type { Tables } from "./schema.ts";
import { sealVerbs, secretVerbs } from "./secrets.ts";
import { settingVerbs } from "./settings.ts";

export type Store = Awaited<ReturnType<typeof openStore>>;

export interface StoreOptions {
  readonly connectionString: string;
  /** Connections that this process may hold; the workflow engine shares them. */
  readonly maxConnections: number;
  /** Told about connections that the server ended while they were idle; the pool opens new ones by itself. */
  readonly onLostConnection: (error: Error) => void;
}

/** Opens the store and brings it to this version's shape. */
export async function openStore(options: StoreOptions) {
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    max: options.maxConnections,
    connectionTimeoutMillis: 10_000,
    statement_timeout: 30_000,
    application_name: "ballast",
  });
  pool.on("error", options.onLostConnection);
  // The pool listens to idle connections only; one that breaks at work tells its query, and must not end the process as well.
  pool.on("connect", (client) => client.on("error", () => undefined));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }), plugins: [textBorder()] });
  const migrated = await migrate(db);
  const news = createNews();
  return {
    pool,
    migrated,
    ...settingVerbs(db),
    ...revisionVerbs(db),
    ...secretVerbs(db),
    ...sealVerbs(db),
    follow: (operation: string) => news.follow(operation),
    ...operationVerbs(db, news),
    ...eventVerbs(db, news),
    ...leaseVerbs(db),
    ...forceVerbs(db),
    ...admissionVerbs(db),
    ...dataRecordVerbs(db),
    ...ledgerVerbs(db),
    ...housekeepingVerbs(db),
    close: () => db.destroy(),
  };
}
