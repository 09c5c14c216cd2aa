import { type KindFacts, NO_DOWNTIME } from "./kind.ts";

/** A cache that several process groups share. Nothing lies in it alone, so it may go away at any time. */
export interface RedisSpec {
  readonly image: string;
  /** Of the container; what is cached may fill `cacheMiB` of it. */
  readonly memoryMiB: number;
  readonly cacheMiB: number;
  readonly cpuShares: number;
  readonly pidsLimit: number;
}

export const redis: KindFacts = {
  title: "Redis",
  holdsData: false,
  runs: true,
  usualSeconds: 0.5,
  fixed: {},
  updateImpact: () => ({ ...NO_DOWNTIME, says: "sessions come from PostgreSQL meanwhile" }),
};
