import { type Kysely, sql } from "kysely";
import { operationVerbs } from "./operations.ts";
import type { Tables } from "./schema.ts";
import { settingVerbs } from "./settings.ts";

const ADMISSION_LOCK = 7_300_002;

/** What is read and written while it is decided whether an operation begins: all of it or nothing. */
export type Held = ReturnType<typeof settingVerbs> & ReturnType<typeof operationVerbs> & ReturnType<typeof forceVerbs>;

/** What is in force: the revision, and whether the fleet is being deleted. */
export function forceVerbs(db: Kysely<Tables>) {
  return {
    async revisionInForce(): Promise<string | undefined> {
      return (await settingVerbs(db).setting<{ hash: string }>("revision"))?.hash;
    },
    /** The operation that deletes the fleet, or has deleted it; one that ended otherwise leaves the fleet as if it had been stopped. */
    async deletion(): Promise<{ readonly operation: string; readonly state: "running" | "done" } | undefined> {
      const id = (await settingVerbs(db).setting<{ deleting?: string }>("desired"))?.deleting;
      const state = id === undefined ? undefined : (await operationVerbs(db).operation(id))?.state;
      return id === undefined || (state !== "running" && state !== "done") ? undefined : { operation: id, state };
    },
  };
}

export function admissionVerbs(db: Kysely<Tables>) {
  return {
    /** One admission at a time, in one transaction under one lock. Nothing slow belongs here: who comes next waits. */
    async admission<T>(work: (held: Held) => Promise<T>): Promise<T> {
      return await db.transaction().execute(async (transaction) => {
        await sql`SELECT pg_advisory_xact_lock(${ADMISSION_LOCK})`.execute(transaction);
        return await work({ ...settingVerbs(transaction), ...operationVerbs(transaction), ...forceVerbs(transaction) });
      });
    },
  };
}
