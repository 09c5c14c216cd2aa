import { listed } from "./server-statement.ts";

/** A session that holds up another one; `ended`: it was told to end, which a superuser's and a follower's never is. */
export interface BlockerRow {
  readonly pid: number;
  readonly role: string;
  readonly database: string;
  readonly ended: boolean;
}

/** What the superuser runs over those who hold locks: a part of `SERVER_SQL`, which says what holds for all of it. */
export const LOCK_SQL = {
  /** For whom a session waits; those are ended, but for superusers and followers. A worker of autovacuum runs what a tenant wrote for its indexes. A condition might be asked of other rows too, what is selected is not. */
  endBlockers: (pid: string) =>
    listed<BlockerRow>(
      `SELECT a.pid, COALESCE(r.rolname, 'autovacuum') AS role, d.datname AS database,
         CASE WHEN r.rolsuper OR r.rolreplication THEN false ELSE pg_catalog.pg_terminate_backend(a.pid) END AS ended
       FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids($1::int)) AS blocker
       JOIN pg_catalog.pg_stat_get_activity(NULL) a ON a.pid = blocker
       LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid
       JOIN pg_catalog.pg_database d ON d.oid = a.datid
       WHERE a.backend_type IN ('client backend', 'autovacuum worker')`,
      [pid],
    ),
} as const;
