import type { ActivityRow, SessionRow } from "./server-rows.ts";
import { listed } from "./server-statement.ts";

/** Four bytes as the processor has them, as a number. */
const number = (bytes: string, at: string) =>
  [0, 1, 2, 3].map((byte) => `(pg_catalog.get_byte(${bytes}, ${at} + ${byte})::bigint << ${byte * 8})`).join(" | ");

/** Autovacuum runs functions that a tenant wrote for its own indexes: as it computes statistics (phases 3 and 4), and as it summarises ranges. */
const COMPUTES = `a.backend_type = 'autovacuum worker' AND (a.query LIKE 'autovacuum: BRIN %' OR EXISTS (
    SELECT 1 FROM pg_catalog.pg_stat_get_progress_info('ANALYZE') p WHERE p.pid = a.pid AND p.param1 IN (3, 4)))`;

const SESSION = `a.pid, a.usesysid::text AS role, a.datid::text AS database, a.state,
  pg_catalog.date_part('epoch', a.xact_start) AS began, pg_catalog.date_part('epoch', a.state_change) AS changed, COALESCE(l.locks, 0) AS locks,
  a.backend_type = 'autovacuum worker' AS worker, ${COMPUTES} AS computes`;

const LOCK_PLACES = `s('max_locks_per_transaction') * (s('max_connections') + s('autovacuum_max_workers') + 1 + s('max_worker_processes')
  + s('max_wal_senders') + s('max_prepared_transactions'))`.replaceAll(/\bs\('(\w+)'\)/g, "pg_catalog.current_setting('$1')::int");

/** What a look at a shared server asks: who holds what of what is everybody's. */
export const WATCH_SQL = {
  /**
   * Asked every two seconds, so it is one statement.
   * Functions instead of the views over them: those read catalogs that all databases share, for which a lock is needed in the very table that may be
   * full. What is left here is answered without a place in it (fast-path locks), over a session that was open before.
   */
  activity: () =>
    listed<ActivityRow>(
      `SELECT pg_catalog.pg_notification_queue_usage() AS full, ${LOCK_PLACES} AS places, ${SESSION}
       FROM (SELECT 1) AS one
       LEFT JOIN (pg_catalog.pg_stat_get_activity(NULL) a
         LEFT JOIN (SELECT pid, pg_catalog.count(*)::int AS locks FROM pg_catalog.pg_lock_status() WHERE NOT fastpath GROUP BY pid) l ON l.pid = a.pid)
       ON a.datid IS NOT NULL AND (a.xact_start IS NOT NULL OR a.state LIKE 'idle in transaction%' OR l.locks > 0) AND a.pid <> pg_catalog.pg_backend_pid()`,
    ),
  /** Every session in a database, whatever it holds. */
  sessionsIn: (database: string) =>
    listed<SessionRow>(
      `SELECT ${SESSION} FROM pg_catalog.pg_stat_get_activity(NULL) a, (SELECT 0 AS locks) l
       WHERE a.datid = $1::oid AND a.backend_type IN ('client backend', 'autovacuum worker')`,
      [database],
    ),
  /** When the server was started, and the process that it restarts after a crash of another. */
  life: () =>
    listed<{ server: number; processes: number | null }>(
      `SELECT pg_catalog.date_part('epoch', pg_catalog.pg_postmaster_start_time()) AS server,
         (SELECT pg_catalog.date_part('epoch', a.backend_start) FROM pg_catalog.pg_stat_get_activity(NULL) a WHERE a.backend_type = 'checkpointer') AS processes`,
    ),
  /** How much a cluster has written in its life, in bytes of its log, which a copy that goes on from an earlier moment counts again. */
  position: () =>
    listed<{ system: string; written: string }>(
      `SELECT system_identifier::text AS system, pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), '0/0')::text AS written
       FROM pg_catalog.pg_control_system()`,
    ),
  numbers: () =>
    listed<{ database: string; age: number; shared: number }>(
      "SELECT oid::text AS database, pg_catalog.age(datfrozenxid) AS age, pg_catalog.mxid_age(datminmxid) AS shared FROM pg_catalog.pg_database",
    ),
  /**
   * From which databases some messages in the queue of notifications came, by their numbers. A page of it begins with a message, whose bytes 4 to 7 say so
   * (`AsyncQueueEntry` in src/backend/commands/async.c; seen on PostgreSQL 15 and 18); of what was sent nothing is read.
   */
  senders: () =>
    listed<{ database: string; samples: number }>(
      `SELECT d.database::text, pg_catalog.count(*)::int AS samples
       FROM (SELECT n.name FROM pg_catalog.pg_ls_dir('pg_notify') AS n (name) ORDER BY pg_catalog.random() LIMIT 100) s,
         LATERAL (SELECT pg_catalog.pg_read_binary_file('pg_notify/' || s.name, 0, 8, true) AS head) p,
         LATERAL (SELECT CASE WHEN pg_catalog.length(p.head) = 8 THEN ${number("p.head", "4")} END AS database) d
       WHERE d.database > 0 GROUP BY d.database ORDER BY 2 DESC`,
    ),
  /** How many segments the members of locks of rows take. */
  memberSegments: () =>
    listed<{ segments: number }>("SELECT pg_catalog.count(*)::int AS segments FROM pg_catalog.pg_ls_dir('pg_multixact/members')"),
  /**
   * Whose transactions are among the members that were noted last: in the first page of the newest segments. Groups of four have 20 bytes, of which the last
   * sixteen are the numbers of transactions (src/backend/access/transam/multixact.c; seen on PostgreSQL 15 and 18). The space is a ring: what is newest follows the
   * last checkpoint.
   */
  memberHolders: () =>
    listed<SessionRow & { samples: number }>(
      `SELECT ${SESSION}, s.samples FROM (
         SELECT m.number, pg_catalog.count(*)::int AS samples FROM (
           SELECT f.name FROM (
             SELECT n.name, ((('x' || pg_catalog.lpad(n.name, 8, '0'))::pg_catalog.bit(32)::bigint - c.next_multi_offset::text::bigint / 52352 + 82040) % 82040) AS place
             FROM pg_catalog.pg_ls_dir('pg_multixact/members') AS n (name), pg_catalog.pg_control_checkpoint() c) f
           WHERE f.place < 20000 ORDER BY f.place DESC LIMIT 4) s,
         LATERAL (SELECT pg_catalog.pg_read_binary_file('pg_multixact/members/' || s.name, 0, 1280, true) AS page) p,
         pg_catalog.generate_series(0, 63) g, pg_catalog.generate_series(0, 3) i,
         LATERAL (SELECT CASE WHEN pg_catalog.length(p.page) = 1280 THEN ${number("p.page", "20 * g + 4 + 4 * i")} END AS number) m
         GROUP BY m.number) s, pg_catalog.pg_stat_get_activity(NULL) a, (SELECT 0 AS locks) l
       WHERE a.backend_xid::text::bigint = s.number AND a.datid IS NOT NULL`,
    ),
} as const;
