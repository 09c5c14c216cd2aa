import { downtimeAbout, type KindFacts, NO_DOWNTIME } from "./kind.ts";

/** A user of a Redis who sees nothing but the keys below one prefix. */
export interface KeyspaceSpec {
  readonly user: string;
  readonly prefix: string;
}

export const keyspace: KindFacts = {
  title: "Redis keyspace",
  holdsData: false,
  runs: false,
  usualSeconds: 0.1,
  fixed: {},
  updateImpact: (fields) => (fields.includes("keyspace-password") ? downtimeAbout(5, "rotation, Odoo restarts") : NO_DOWNTIME),
};
