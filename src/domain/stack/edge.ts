/**
 * `sql`, `http`, `smtp`, `cache`: the node opens connections to the other, so their boundaries must touch.
 * `mount`, `credential`, `clone`, `data`, `inside`, `trust`: the other must exist first; no traffic flows.
 */
export type EdgePurpose = "sql" | "http" | "smtp" | "cache" | "mount" | "credential" | "clone" | "data" | "inside" | "trust";

const TRAFFIC: readonly EdgePurpose[] = ["sql", "http", "smtp", "cache"];

/** True where the node opens connections to the other. */
export function carriesTraffic(purpose: EdgePurpose): boolean {
  return TRAFFIC.includes(purpose);
}
