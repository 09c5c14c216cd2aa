import { type KindFacts, NO_DOWNTIME } from "./kind.ts";

/** Disk space that outlives the processes that use it. */
export interface VolumeSpec {
  /** `acme`: the account at an authority, and certificates with their keys. */
  readonly purpose: "postgres" | "acme";
}

export const volume: KindFacts = {
  title: "volume",
  holdsData: true,
  // Certificates are asked for again, and a replica copies its server again.
  reproducible: (spec, users) => (spec as VolumeSpec).purpose === "acme" || (users.length > 0 && users.every((kind) => kind === "replica")),
  ifReplaced: "lost",
  runs: false,
  usualSeconds: 0.1,
  fixed: { purpose: "refuse" },
  updateImpact: () => NO_DOWNTIME,
};
