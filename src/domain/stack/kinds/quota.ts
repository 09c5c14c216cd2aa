import { type ChangedField, downtimeAbout, type KindFacts, NO_DOWNTIME } from "./kind.ts";

/** A wall round all processes of one environment together; each of them has its own limits below it. */
export interface QuotaSpec {
  readonly memoryMiB?: number;
  /** Processors that may be kept busy, such as 1.5. */
  readonly cpus?: number;
  readonly pids?: number;
  /** Relative weight of all of them together when processors are short, as each has its own among them. */
  readonly cpuShares: number;
}

/** Fewer processors make it slower; of the others, whoever holds more than there is to be ends. */
function isLess({ field, before, after }: ChangedField): boolean {
  if (field !== "memoryMiB" && field !== "pids") return false;
  return typeof after === "number" && (typeof before !== "number" || after < before);
}

export const quota: KindFacts = {
  title: "quota",
  holdsData: false,
  runs: false,
  usualSeconds: 0.05,
  fixed: {},
  updateImpact(fields, changes = []) {
    if (fields.length === 0) return downtimeAbout(5, "its processes move into its control group");
    return changes.some(isLess) ? downtimeAbout(10, "less for its processes, what takes more is ended") : NO_DOWNTIME;
  },
};
