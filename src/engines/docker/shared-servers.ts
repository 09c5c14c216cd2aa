import type { SqlSession } from "../../adapters/postgres/session.ts";
import type { SharedSession, SharedSight } from "../../domain/stack/shared-server.ts";

/** Settings that say how many places the table of locks has (PostgreSQL, `NLOCKENTS`); they change with a restart only. */
const SHARED =
  `SELECT pg_notification_queue_usage() AS full, s('max_locks_per_transaction') * (s('max_connections') + s('autovacuum_max_workers') + 1 + s('max_worker_processes')
  + s('max_wal_senders') + s('max_prepared_transactions')) AS places`.replaceAll(/s\('(\w+)'\)/g, "current_setting('$1')::int");

/**
 * Functions instead of the views over them: those read catalogs that all databases share, for which a lock is needed in the very table that may be full.
 * What is left here is answered without a place in it (fast-path locks), over a session that was open before.
 */
const LOOK = `
  SELECT a.pid, a.usesysid::text AS role, a.datid::text AS database, a.state,
    extract(epoch FROM a.xact_start)::float8 AS began, extract(epoch FROM a.state_change)::float8 AS changed, coalesce(l.locks, 0) AS locks
  FROM pg_stat_get_activity(NULL) a
  LEFT JOIN (SELECT pid, count(*)::int AS locks FROM pg_lock_status() WHERE NOT fastpath GROUP BY pid) l ON l.pid = a.pid
  WHERE a.backend_type = 'client backend' AND (a.xact_start IS NOT NULL OR l.locks > 0) AND a.pid <> pg_backend_pid()`;

interface LookRow {
  readonly pid: number;
  readonly role: string;
  readonly database: string;
  readonly state: string | null;
  readonly began: number | null;
  readonly changed: number | null;
  readonly locks: number;
}

/** Names by the numbers under which sessions tell them. */
export interface KnownNames {
  readonly roles: Map<string, { readonly name: string; readonly superuser: boolean }>;
  readonly databases: Map<string, string>;
}

export function noNames(): KnownNames {
  return { roles: new Map(), databases: new Map() };
}

/** Reads who holds what of what is everybody's, over a session of the superuser in the database `postgres`. */
export async function sightOf(session: SqlSession, names: KnownNames): Promise<SharedSight> {
  const [shared] = await session.query<{ full: number; places: number }>(SHARED);
  const rows = await session.query<LookRow>(LOOK);
  if (rows.some((row) => !names.roles.has(row.role) || !names.databases.has(row.database))) await learnNames(session, names);
  return {
    lockPlaces: shared?.places ?? 0,
    notificationsFull: shared?.full ?? 0,
    sessions: rows.map((row) => sessionOf(row, names)),
  };
}

/** Where the table is full this fails, and the numbers must do. */
async function learnNames(session: SqlSession, names: KnownNames): Promise<void> {
  const roles = await session
    .query<{ id: string; name: string; superuser: boolean }>(
      "SELECT oid::text AS id, rolname AS name, rolsuper AS superuser FROM pg_authid",
    )
    .catch(() => []);
  for (const { id, name, superuser } of roles) names.roles.set(id, { name, superuser });
  const databases = await session
    .query<{ id: string; name: string }>("SELECT oid::text AS id, datname AS name FROM pg_database")
    .catch(() => []);
  for (const { id, name } of databases) names.databases.set(id, name);
}

/** The first superuser of a cluster has always this number (BOOTSTRAP_SUPERUSERID): Ballast's own is known whatever cannot be read. */
const FIRST_SUPERUSER = "10";

function sessionOf(row: LookRow, names: KnownNames): SharedSession {
  const role = names.roles.get(row.role);
  return {
    pid: row.pid,
    role: role?.name ?? `role ${row.role}`,
    database: names.databases.get(row.database) ?? `database ${row.database}`,
    superuser: row.role === FIRST_SUPERUSER || role?.superuser === true,
    idleInTransaction: row.state?.startsWith("idle in transaction") === true,
    transactionSince: row.began === null ? undefined : row.began * 1000,
    stateSince: (row.changed ?? 0) * 1000,
    locks: row.locks,
  };
}
