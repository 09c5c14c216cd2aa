import { type KindFacts, NO_DOWNTIME } from "./kind.ts";

/** Something only two parties may know: generated once, sealed in the store, materialised as a file by the engine. Never its value. */
export interface SecretSpec {
  readonly purpose:
    | "superuser-password"
    | "replication-password"
    | "pooler-password"
    | "redis-password"
    | "role-password"
    | "keyspace-password"
    | "admin-password"
    | "master-password"
    | "api-key";
  /** Random bytes it is made of. */
  readonly bytes: number;
  /** Counts up when it is rotated. */
  readonly generation: number;
}

export const secret: KindFacts = {
  title: "secret",
  holdsData: false,
  runs: false,
  handedOver: true,
  usualSeconds: 0.05,
  fixed: {},
  updateImpact: () => ({ ...NO_DOWNTIME, says: "rotation, its users follow" }),
};
