/**
 * `sql`, `http`, `smtp`, `cache`, `egress`: the node opens connections to the other, so their boundaries must touch.
 * `mount`, `credential`, `clone`, `data`, `inside`, `trust`: the other must exist first; no traffic flows.
 */
export type EdgePurpose = "sql" | "http" | "smtp" | "cache" | "egress" | "mount" | "credential" | "clone" | "data" | "inside" | "trust";

const TRAFFIC: readonly EdgePurpose[] = ["sql", "http", "smtp", "cache", "egress"];

/** True where the node opens connections to the other. */
export function carriesTraffic(purpose: EdgePurpose): boolean {
  return TRAFFIC.includes(purpose);
}
