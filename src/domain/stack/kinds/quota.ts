import { closedAbout, type KindFacts, NOBODY_NOTICES } from "./kind.ts";

/** A wall round all processes of one environment together; each of them has its own limits below it. */
export interface QuotaSpec {
  readonly memoryMiB?: number;
  /** Processors that may be kept busy, such as 1.5. */
  readonly cpus?: number;
  readonly pids?: number;
  /** Relative weight of all of them together when processors are short, as each has its own among them. */
  readonly cpuShares: number;
}

export const quota: KindFacts = {
  title: "quota",
  holdsData: false,
  runs: false,
  usualSeconds: 0.05,
  fixed: {},
  updateImpact: (fields) => (fields.length === 0 ? closedAbout(5, "its processes move behind the wall") : NOBODY_NOTICES),
};
