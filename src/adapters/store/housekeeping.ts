import { type Kysely, sql } from "kysely";
import type { Tables } from "./schema.ts";
import { ENDED } from "./workflow-ends.ts";

/** What of the past is kept at most: whatever exceeds either bound may go. */
export interface KeepBound {
  /** What ended before this moment. */
  readonly endedBefore: Date;
  /** All but so many of the newest; of operations, of those that people began. */
  readonly newest: number;
}

/** What of past operations is kept: what the reconciler begins by itself, however often, pushes out nothing that a person did. */
export interface KeepOperations extends KeepBound {
  readonly newestOfReconciler: number;
}

/** As `beginnerOf` tells it: by its row, and of what an earlier version's reconciler began on the whole fleet, by its id. */
const BY_ITSELF = sql`CASE
  WHEN request ->> 'begunBy' IN ('person', 'reconciler') THEN request ->> 'begunBy' = 'reconciler'
  WHEN request #>> '{actor,kind}' IN ('person', 'reconciler') THEN request #>> '{actor,kind}' = 'reconciler'
  ELSE NOT request ? 'asked' AND id ~ '^(reconcile|return)-' END`;

/** How the store stays small: the past of operations is bounded, the ledger is not touched. */
export function housekeepingVerbs(db: Kysely<Tables>) {
  return {
    /** Ended operations beyond a bound, oldest first; not the parts of larger ones, which go with those. */
    async pastOperations(bound: KeepOperations, limit: number): Promise<readonly string[]> {
      const { rows } = await sql<{ id: string }>`
        SELECT id FROM (
          SELECT id, state, finished_at, created_at, by_itself, row_number() OVER (PARTITION BY by_itself ORDER BY created_at DESC, id DESC) AS place
          FROM (SELECT *, ${BY_ITSELF} AS by_itself FROM operation WHERE parent IS NULL) AS own
        ) AS begun
        WHERE state <> 'running' AND (
          finished_at < ${bound.endedBefore} OR place > CASE WHEN by_itself THEN ${bound.newestOfReconciler}::int ELSE ${bound.newest}::int END
        )
        ORDER BY created_at, id LIMIT ${limit}`.execute(db);
      return rows.map((row) => row.id);
    },
    /** Workflow records of ended operations beyond a bound: only a running operation needs its steps. */
    async pastWorkflows(bound: KeepBound, limit: number): Promise<readonly string[]> {
      const { rows } = await sql<{ id: string }>`
        SELECT workflow_uuid AS id FROM (
          SELECT workflow_uuid, status, updated_at, created_at, row_number() OVER (ORDER BY created_at DESC, workflow_uuid DESC) AS place
          FROM dbos.workflow_status
        ) AS begun
        WHERE status IN (${sql.join(ENDED)})
          AND (updated_at < ${bound.endedBefore.getTime()} OR place > ${bound.newest})
        ORDER BY created_at, workflow_uuid LIMIT ${limit}`.execute(db);
      return rows.map((row) => row.id);
    },
    /** Forgets operations with their parts and what they told. What they did stays in the ledger. */
    async forgetOperations(ids: readonly string[]): Promise<void> {
      if (ids.length === 0) return;
      await db.transaction().execute(async (transaction) => {
        const own = transaction.selectFrom("operation").select("id").where("id", "in", ids);
        const parts = transaction.selectFrom("operation").select("id").where("parent", "in", ids);
        await transaction
          .deleteFrom("operation_event")
          .where((is) => is.or([is("operation", "in", own), is("operation", "in", parts)]))
          .execute();
        await transaction.deleteFrom("operation").where("parent", "in", ids).execute();
        await transaction.deleteFrom("operation").where("id", "in", ids).execute();
      });
    },
    /** Forgets fleet texts that no kept operation was about, except those given and the young. Returns how many. */
    async forgetRevisions(keep: readonly string[], madeBefore: Date): Promise<number> {
      const named = db
        .selectFrom("operation")
        .select(sql<string>`request ->> 'revision'`.as("hash"))
        .where(sql<boolean>`request ? 'revision'`);
      const result = await db
        .deleteFrom("revision")
        .where("created_at", "<", madeBefore)
        .where("hash", "not in", named)
        .where(sql<boolean>`NOT hash = ANY(${[...keep]})`)
        .executeTakeFirst();
      return Number(result.numDeletedRows);
    },
  };
}
