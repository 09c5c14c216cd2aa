import { downtimeAbout, type KindFacts, NO_DOWNTIME } from "./kind.ts";

/** A PostgreSQL server that follows another one by streaming. */
export interface ReplicaSpec {
  readonly image: string;
  /** `synchronous`: a commit is acknowledged once this server has it on disk, so that losing the first loses nothing; while this one is away, writes wait. */
  readonly mode: "synchronous" | "asynchronous";
  readonly memoryMiB: number;
  readonly cpuShares: number;
  readonly pidsLimit: number;
  readonly settings: Readonly<Record<string, string>>;
  /** Of the server that it follows: see `PostgresSpec`. */
  readonly epoch: number;
}

export const replica: KindFacts = {
  title: "PostgreSQL replica",
  holdsData: false,
  runs: true,
  usualSeconds: 5,
  fixed: {},
  updateImpact: (fields) => (fields.includes("mode") ? NO_DOWNTIME : downtimeAbout(8, "restart, writes wait where it is synchronous")),
};
