import { z } from "zod";
import { isTierName, TIER_NAMES } from "../tiers.ts";
import { envelope, metadata } from "./document.ts";
import { type Complaint, duration, field, optional, size } from "./forms.ts";
import { latency, percent } from "./measures.ts";

const DAY = 86_400;
const MIB = 1024 ** 2;
const TIB = 1024 ** 4;

const span = (max: number) => duration({ min: 0, max });

function lossAndReturn(after: string) {
  return z.strictObject({
    rpo: optional(span(30 * DAY), `Most data that may be lost after ${after} is gone, as the time before it.`),
    rto: optional(duration({ max: 30 * DAY }), `Longest time until service after ${after} is gone.`),
  });
}

const objectives = z.strictObject({
  availability: optional(percent({ min: 50, max: 99.999 }), "Share of the time in which it serves."),
  pageP95: optional(latency, "Time in which 95 of 100 pages are answered."),
  jobWait: optional(duration({ max: DAY }), "How long a job may wait before it counts as late."),
  node: optional(lossAndReturn("a node"), "When a node is gone."),
  region: optional(lossAndReturn("a region"), "When a region is gone."),
});

const sizes = z.strictObject({
  web: optional(z.strictObject({ processes: optional(z.int().min(1).max(64), "Web worker processes.") }), "Processes that answer people."),
  cron: optional(z.strictObject({ threads: optional(z.int().min(1).max(16), "Scheduled jobs at once.") }), "Scheduled jobs."),
  jobs: optional(z.strictObject({ slots: optional(z.int().min(0).max(32), "Queued jobs at once.") }), "Queued jobs."),
  report: optional(
    z.strictObject({ processes: optional(z.int().min(0).max(32), "Processes that reports call back.") }),
    "Processes that reports call back.",
  ),
  integration: optional(
    z.strictObject({ processes: optional(z.int().min(0).max(32), "Processes of a production that has integrations.") }),
    "Processes that answer other systems.",
  ),
  postgres: optional(
    z.strictObject({
      memory: optional(size({ min: 256 * MIB, max: 4 * TIB }), "Memory of PostgreSQL."),
      maxConnections: optional(z.int().min(20).max(5000), "Most connections at once."),
    }),
    "PostgreSQL of a pool or an environment of its own.",
  ),
});

/** What a class of service means in this fleet. Named like a built-in tier it adjusts that one, otherwise it is a new one. What is not declared is as in the tier below. */
export const TierDocument = envelope(
  "Tier",
  metadata,
  field(
    z.strictObject({
      basedOn: optional(z.enum(TIER_NAMES), "Built-in tier that a new one starts from. Required for a new one, else not allowed."),
      objectives: optional(objectives, "Promises to measure against."),
      replica: optional(
        z.enum(["none", "asynchronous", "synchronous"]),
        "A second PostgreSQL server that follows the first: synchronous loses nothing and stops writes while it is away.",
      ),
      backup: optional(
        z.strictObject({
          fullEvery: optional(duration({ max: 31 * DAY }), "Time between full backups."),
          keep: optional(duration({ min: DAY, max: 3650 * DAY }), "How long they are kept."),
        }),
        "Backups.",
      ),
      proofEvery: optional(duration({ max: 366 * DAY }), "How old the last restore that was done and checked may be."),
      disasterRecovery: optional(z.enum(["warm-standby", "rapid-rebuild"]), "What is there when a region is lost."),
      approvals: optional(z.int().min(0).max(5), "People who must approve a release."),
      rollout: optional(z.enum(["canary", "rolling", "at-once"]), "How a release arrives."),
      drift: optional(z.enum(["repair", "report", "mend"]), "What is done about drift. `mend` is the former word for `repair`."),
      priority: optional(z.int().min(1).max(10_000), "Higher is served first."),
      degradationOrder: optional(z.int().min(1).max(100), "Lower is degraded first."),
      keepUndeclared: optional(span(3650 * DAY), "How long data is kept after an environment is no longer declared."),
      sizes: optional(sizes, "Sizes of what says nothing itself."),
    }),
    "What is otherwise than in the tier below.",
  ),
).superRefine(({ metadata: { name }, spec: { basedOn } }, context) => {
  if (isTierName(name) === (basedOn === undefined)) return;
  const complaint: Complaint = isTierName(name)
    ? { code: "BAL-F019", text: `{field} is not allowed: ${name} is built in`, hint: "remove it, or give the tier a name of its own" }
    : { code: "BAL-F019", text: `{field} is missing: ${name} is not built in; one of: ${TIER_NAMES.join(", ")}` };
  context.addIssue({ code: "custom", message: complaint.text, path: ["spec", "basedOn"], params: { ...complaint } });
});
export type TierDocument = z.output<typeof TierDocument>;
