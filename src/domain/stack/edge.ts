/**
 * `sql`, `http`: the node opens connections to the other, so their boundaries must touch.
 * `mount`, `credential`, `clone`, `data`, `inside`, `trust`: the other must exist first; no traffic flows.
 */
export type EdgePurpose = "sql" | "http" | "mount" | "credential" | "clone" | "data" | "inside" | "trust";
