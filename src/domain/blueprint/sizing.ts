const MIB = 1024 ** 2;

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
    log_min_duration_statement: "5s",
  };
}

/** A relative weight for the processor from the tier's priority (100-1000): 1024 is a usual share. */
export function cpuShares(priority: number): number {
  return Math.max(128, Math.round((priority / 500) * 1024));
}

export function mebibytes(bytes: number): number {
  return Math.ceil(bytes / MIB);
}
