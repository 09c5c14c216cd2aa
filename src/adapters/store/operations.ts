import type { Kysely } from "kysely";
import type { Json } from "../../kernel/canonical.ts";
import { storeJson } from "../../kernel/store-value.ts";
import type { News } from "./news.ts";
import type { Tables } from "./schema.ts";

/** `running` → one of `done`, `held` (part of it waits for a window), `refused`, `failed`. */
export type OperationState = "running" | "done" | "held" | "refused" | "failed";

export interface OperationRecord {
  readonly id: string;
  readonly verb: string;
  readonly stack: string | null;
  readonly parent: string | null;
  readonly state: OperationState;
  readonly actor: string;
  readonly result: { readonly [key: string]: Json | undefined } | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

/** No reason, message or name is longer than this; a tenant may have chosen it. */
const LONGEST_TEXT = 16_000;

const COLUMNS = ["id", "verb", "stack", "parent", "state", "actor", "result", "created_at", "finished_at"] as const;

interface Row {
  id: string;
  verb: string;
  stack: string | null;
  parent: string | null;
  state: string;
  actor: string;
  result: unknown;
  created_at: Date;
  finished_at: Date | null;
}

function toRecord(row: Row): OperationRecord {
  const { created_at: createdAt, finished_at: finishedAt, state, result, ...rest } = row;
  return { ...rest, state: state as OperationState, result: result as OperationRecord["result"], createdAt, finishedAt };
}

/** What kind of actor began an operation: what the reconciler began gives way to persons. */
export type Beginner = "person" | "reconciler";

/** As its row says; an id is a name that somebody chose, and decides nothing. */
function beginnerOf(id: string, { begunBy, actor, asked }: OperationWork["request"]): Beginner {
  if (begunBy === "person" || begunBy === "reconciler") return begunBy;
  const kind = typeof actor === "object" && actor !== null ? (actor as { readonly kind?: unknown }).kind : undefined;
  if (kind === "person" || kind === "reconciler") return kind;
  // An earlier version wrote no more than the revision of what its reconciler began on the whole fleet.
  return asked === undefined && /^(reconcile|return)-/.test(id) ? "reconciler" : "person";
}

/** One that runs, or a part of one, as it is judged: times are instants, what it asked for is as it was written. */
export interface OperationWork {
  readonly id: string;
  readonly verb: string;
  readonly stack?: string;
  readonly parent?: string;
  readonly running: boolean;
  readonly actor: string;
  readonly begunBy: Beginner;
  readonly request: { readonly [key: string]: Json | undefined };
  readonly createdAt: number;
  readonly finishedAt?: number;
}

function toWork(row: Omit<Row, "result"> & { request: unknown }): OperationWork {
  return {
    id: row.id,
    verb: row.verb,
    ...(row.stack === null ? {} : { stack: row.stack }),
    ...(row.parent === null ? {} : { parent: row.parent }),
    running: row.state === "running",
    actor: row.actor,
    begunBy: beginnerOf(row.id, row.request as OperationWork["request"]),
    request: row.request as OperationWork["request"],
    createdAt: row.created_at.getTime(),
    ...(row.finished_at === null ? {} : { finishedAt: row.finished_at.getTime() }),
  };
}

function newest(db: Kysely<Tables>) {
  return db.selectFrom("operation").select(COLUMNS).orderBy("created_at", "desc");
}

function records(rows: readonly unknown[]): readonly OperationRecord[] {
  return rows.map((row) => toRecord(row as Row));
}

/**
 * Runs of workflows, as people see them.
 * @param news where what is written is seen at once: not in a transaction.
 */
export function operationVerbs(db: Kysely<Tables>, news?: Pick<News, "tell">) {
  return {
    /** Writes a new operation; the same id again changes nothing. */
    async addOperation(operation: {
      id: string;
      verb: string;
      stack?: string;
      parent?: string;
      actor: string;
      request: object;
      at: Date;
    }): Promise<void> {
      await db
        .insertInto("operation")
        .values({
          id: operation.id,
          verb: operation.verb,
          stack: operation.stack ?? null,
          parent: operation.parent ?? null,
          state: "running",
          actor: operation.actor,
          request: storeJson(operation.request) as never,
          result: null,
          created_at: operation.at,
          finished_at: null,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    /** Ends an operation; a second end changes nothing, so that what was said first stays. */
    async endOperation(id: string, state: OperationState, result: object, at: Date): Promise<void> {
      await db
        .updateTable("operation")
        .set({ state, result: storeJson(result, LONGEST_TEXT) as never, finished_at: at })
        .where("id", "=", id)
        .where("state", "=", "running")
        .execute();
      news?.tell(id);
    },
    /** What runs, and every part of it, ended ones too. */
    async work(): Promise<readonly OperationWork[]> {
      const running = db.selectFrom("operation").select("id").where("state", "=", "running");
      const rows = await db
        .selectFrom("operation")
        .select(["id", "verb", "stack", "parent", "state", "actor", "request", "created_at", "finished_at"])
        .where((is) => is.or([is("state", "=", "running"), is("parent", "in", running)]))
        .orderBy("created_at")
        .execute();
      return rows.map(toWork);
    },
    async operation(id: string): Promise<OperationRecord | undefined> {
      const row = await db.selectFrom("operation").select(COLUMNS).where("id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : toRecord(row as Row);
    },
    /** What was begun, newest first. */
    async operations({ limit }: { limit: number }): Promise<readonly OperationRecord[]> {
      return records(await newest(db).where("parent", "is", null).limit(limit).execute());
    },
    /** All parts of an operation, newest first: no more than the fleet has stacks, some of them twice. */
    async partsOf(operation: string): Promise<readonly OperationRecord[]> {
      return records(await newest(db).where("parent", "=", operation).execute());
    },
  };
}
