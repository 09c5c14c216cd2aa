const MIB = 1024 ** 2;
/** Connections that only superusers get: Ballast comes in when everybody else's places are taken. */
export const RESERVED = 10;
/** Four times PostgreSQL's own: a table in which one session holds thousands still has room for the others until it is ended. About 7 MB for 100 connections. */
const LOCKS_PER_CONNECTION = 256;

/**
 * PostgreSQL settings for a server with this much memory. Shares of memory follow the PostgreSQL manual (resource consumption):
 * a quarter for shared buffers, three quarters expected to be cached; work memory such that every tenth connection may sort at once.
 */
export function postgresSettings(memoryMiB: number, maxConnections: number): Readonly<Record<string, string>> {
  const sharedBuffers = Math.floor(memoryMiB / 4);
  const workMemory = Math.max(2, Math.min(32, Math.floor((memoryMiB / 4) * (10 / maxConnections))));
  return {
    max_connections: String(maxConnections),
    shared_buffers: `${sharedBuffers}MB`,
    effective_cache_size: `${Math.floor((memoryMiB * 3) / 4)}MB`,
    work_mem: `${workMemory}MB`,
    maintenance_work_mem: `${Math.max(32, Math.floor(memoryMiB / 16))}MB`,
    checkpoint_timeout: "15min",
    max_wal_size: "1GB",
    max_slot_wal_keep_size: "2GB",
    wal_level: "replica",
    wal_log_hints: "on",
    full_page_writes: "on",
    synchronous_commit: "on",
    idle_in_transaction_session_timeout: "10min",
    log_lock_waits: "on",
    // Nobody but a superuser may be let in once everybody else's places are taken.
    superuser_reserved_connections: String(RESERVED),
    max_locks_per_transaction: String(LOCKS_PER_CONNECTION),
    max_prepared_transactions: "0",
    // What all processes share beside the buffers (statistics of each table, statements that are divided) lies in files of the server's volume: in /dev/shm, of
    // which a container has 64 MiB, some 200,000 tables fill it, and PostgreSQL 15 ends with all its sessions.
    dynamic_shared_memory_type: "mmap",
    // A socket that does not sign in holds a place until then.
    authentication_timeout: "10s",
    // A client that is gone without a word, and the query that it left, are noticed in seconds.
    client_connection_check_interval: "5s",
    tcp_keepalives_idle: "10",
    tcp_keepalives_interval: "3",
    tcp_keepalives_count: "4",
    tcp_user_timeout: "30s",
    wal_sender_timeout: "20s",
    wal_receiver_timeout: "20s",
    // A superuser's setting, so that it binds: one process may not fill the disk with what it sorts.
    temp_file_limit: `${temporaryMiB(memoryMiB)}MB`,
    log_min_duration_statement: "5s",
  };
}

/** What one process may lay down on disk while it sorts or builds an index: room for tables far larger than the memory. */
function temporaryMiB(memoryMiB: number): number {
  return Math.max(4096, 8 * memoryMiB);
}

/** A relative weight for the processor from the tier's priority (100-1000): 1024 is a usual share. */
export function cpuShares(priority: number): number {
  return Math.max(128, Math.round((priority / 500) * 1024));
}

export function mebibytes(bytes: number): number {
  return Math.ceil(bytes / MIB);
}
