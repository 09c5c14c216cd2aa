import { type Kysely, sql } from "kysely";
import type { Json } from "../../kernel/canonical.ts";
import { operationVerbs } from "./operations.ts";
import type { Tables } from "./schema.ts";
import { settingVerbs } from "./settings.ts";

const ADMISSION_LOCK = 7_300_002;

/** What is read and written while it is decided whether an operation begins: all of it or nothing. */
export type Held = ReturnType<typeof settingVerbs> & ReturnType<typeof operationVerbs> & ReturnType<typeof forceVerbs>;

/** Whether the fleet is meant to run, as it was asked for last. What an earlier version wrote has no more than the state. */
interface Desired {
  readonly [key: string]: Json | undefined;
  readonly state: "running" | "stopped";
  /** The operation that set it. */
  readonly by?: string;
  /** Of a stop: the operations that ran when it was admitted, and must end. */
  readonly ends?: readonly string[];
  /** Of a stop: what was desired before it. */
  readonly before?: Desired;
  /** The operation that deletes the fleet, wants to, or wanted to. */
  readonly deleting?: string;
}

const DESIRED = "desired";

/** What is in force: the revision, whether the fleet is meant to run, and whether it is being deleted. */
export function forceVerbs(db: Kysely<Tables>) {
  const settings = settingVerbs(db);
  const desired = async (): Promise<Desired> => (await settings.setting<Desired>(DESIRED)) ?? { state: "running" };
  async function deletion(): Promise<{ readonly operation: string; readonly state: "running" | "done" } | undefined> {
    const id = (await desired()).deleting;
    const state = id === undefined ? undefined : (await operationVerbs(db).operation(id))?.state;
    return id === undefined || (state !== "running" && state !== "done") ? undefined : { operation: id, state };
  }
  return {
    /** Whether the fleet is meant to run; while it is deleted, and after it, it is not. */
    async desired(): Promise<"running" | "stopped"> {
      const { state } = await desired();
      return state === "running" && (await deletion()) !== undefined ? "stopped" : state;
    },
    /** The stop that holds since nothing was applied after it, and the operations that it ends. */
    async stopInForce(): Promise<{ readonly operation: string | undefined; readonly ends: readonly string[] } | undefined> {
      const { state, by, ends } = await desired();
      return state === "stopped" ? { operation: by, ends: ends ?? [] } : undefined;
    },
    async askToRun(by: string): Promise<void> {
      await settings.setSetting(DESIRED, { state: "running", by });
    },
    async askToStop(by: string, ends: readonly string[]): Promise<void> {
      const { before: _, ...before } = await desired();
      await settings.setSetting(DESIRED, { state: "stopped", by, ends: [...ends], before });
    },
    /** A stop of which the work never starts stops nothing: what was desired before it is in force again. */
    async withdrawStop(stop: string): Promise<void> {
      const { state, by, before } = await desired();
      if (state === "stopped" && by === stop && before !== undefined) await settings.setSetting(DESIRED, before);
    },
    /** The desired state stays as it was: a deletion that is refused must leave a fleet that is cared for. */
    async askToDelete(by: string): Promise<void> {
      await settings.setSetting(DESIRED, { ...(await desired()), deleting: by });
    },
    /** To be called before the first change of a deletion: from then on what is gone must not be taken for something to repair, however it ends. */
    async stopToDelete(by: string): Promise<void> {
      const { state, deleting } = await desired();
      if (deleting === by && state === "running") await settings.setSetting(DESIRED, { state: "stopped", by, ends: [], deleting });
    },
    async revisionInForce(): Promise<string | undefined> {
      return (await settings.setting<{ hash: string }>("revision"))?.hash;
    },
    /** The operation that deletes the fleet, or has deleted it. */
    deletion,
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
