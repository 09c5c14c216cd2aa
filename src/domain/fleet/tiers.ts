export const TIER_NAMES = ["mission-critical", "business", "standard", "development"] as const;
type BuiltInTierName = (typeof TIER_NAMES)[number];

export function isTierName(name: string): name is BuiltInTierName {
  return TIER_NAMES.some((one) => one === name);
}

/** What a class of service means. Objectives are promises to measure against, never claims that they are met. */
export interface Tier {
  readonly name: string;
  readonly availabilityPercent: number;
  readonly pageP95Ms: number;
  /** How long a job may wait before it counts as late. */
  readonly jobWaitSeconds: number;
  /** Data that may be lost, and time until service, after a node or a region is gone. */
  readonly objectives: {
    readonly node: { readonly rpoSeconds: number; readonly rtoSeconds: number };
    readonly region: { readonly rpoSeconds: number; readonly rtoSeconds: number };
  };
  /** The second PostgreSQL server that follows the first. */
  readonly replica: "none" | "asynchronous" | "synchronous";
  readonly backup: { readonly fullEverySeconds: number; readonly keepSeconds: number };
  /** How old the last restore that was done and checked may be. */
  readonly proofEverySeconds: number;
  readonly disasterRecovery: "warm-standby" | "rapid-rebuild";
  readonly approvals: number;
  readonly rollout: "canary" | "rolling" | "at-once";
  /** What the reconciler does with drift. */
  readonly drift: "repair" | "report";
  /** Higher is served first. */
  readonly priority: number;
  /** Lower is degraded first. */
  readonly degradationOrder: number;
  /** How long data is kept after an environment is no longer declared. */
  readonly keepUndeclaredSeconds: number;
  readonly sizes: {
    readonly webProcesses: number;
    readonly cronThreads: number;
    /** Queued jobs at once; 0 where the compact form does without. */
    readonly jobSlots: number;
    readonly reportProcesses: number;
    /** Of a production that has integrations. */
    readonly integrationProcesses: number;
    readonly postgresMemoryBytes: number;
    readonly postgresMaxConnections: number;
  };
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MIB = 1024 ** 2;

/** The tiers of one fleet, by name. */
export type Tiers = Readonly<Record<string, Tier>>;

/** A tier by the name that something resolved refers to. References were checked before, so a name that is not there is a bug. */
export function tierNamed(tiers: Tiers, name: string): Tier {
  const tier = Object.hasOwn(tiers, name) ? tiers[name] : undefined;
  if (tier === undefined) throw new Error(`no tier is named ${name}`);
  return tier;
}

/** The tiers that every fleet has. */
export const TIERS: Readonly<Record<BuiltInTierName, Tier>> = {
  "mission-critical": {
    name: "mission-critical",
    availabilityPercent: 99.95,
    pageP95Ms: 1500,
    jobWaitSeconds: 5 * MINUTE,
    objectives: { node: { rpoSeconds: 0, rtoSeconds: 2 * MINUTE }, region: { rpoSeconds: 2 * MINUTE, rtoSeconds: 30 * MINUTE } },
    replica: "synchronous",
    backup: { fullEverySeconds: DAY, keepSeconds: 35 * DAY },
    proofEverySeconds: DAY,
    disasterRecovery: "warm-standby",
    approvals: 2,
    rollout: "canary",
    drift: "report",
    priority: 1000,
    degradationOrder: 4,
    keepUndeclaredSeconds: 90 * DAY,
    sizes: {
      webProcesses: 4,
      cronThreads: 2,
      jobSlots: 2,
      reportProcesses: 1,
      integrationProcesses: 1,
      postgresMemoryBytes: 2048 * MIB,
      postgresMaxConnections: 200,
    },
  },
  business: {
    name: "business",
    availabilityPercent: 99.9,
    pageP95Ms: 2000,
    jobWaitSeconds: 10 * MINUTE,
    objectives: { node: { rpoSeconds: MINUTE, rtoSeconds: 5 * MINUTE }, region: { rpoSeconds: 5 * MINUTE, rtoSeconds: 4 * HOUR } },
    replica: "asynchronous",
    backup: { fullEverySeconds: DAY, keepSeconds: 35 * DAY },
    proofEverySeconds: 7 * DAY,
    disasterRecovery: "rapid-rebuild",
    approvals: 1,
    rollout: "canary",
    drift: "repair",
    priority: 800,
    degradationOrder: 3,
    keepUndeclaredSeconds: 30 * DAY,
    sizes: {
      webProcesses: 3,
      cronThreads: 1,
      jobSlots: 2,
      reportProcesses: 1,
      integrationProcesses: 1,
      postgresMemoryBytes: 1536 * MIB,
      postgresMaxConnections: 150,
    },
  },
  standard: {
    name: "standard",
    availabilityPercent: 99.5,
    pageP95Ms: 3000,
    jobWaitSeconds: 10 * MINUTE,
    objectives: { node: { rpoSeconds: 5 * MINUTE, rtoSeconds: 4 * HOUR }, region: { rpoSeconds: 5 * MINUTE, rtoSeconds: 8 * HOUR } },
    replica: "none",
    backup: { fullEverySeconds: 7 * DAY, keepSeconds: 28 * DAY },
    proofEverySeconds: 30 * DAY,
    disasterRecovery: "rapid-rebuild",
    approvals: 1,
    rollout: "rolling",
    drift: "repair",
    priority: 500,
    degradationOrder: 2,
    keepUndeclaredSeconds: 30 * DAY,
    sizes: {
      webProcesses: 2,
      cronThreads: 1,
      jobSlots: 0,
      reportProcesses: 0,
      integrationProcesses: 0,
      postgresMemoryBytes: 1024 * MIB,
      postgresMaxConnections: 100,
    },
  },
  development: {
    name: "development",
    availabilityPercent: 95,
    pageP95Ms: 5000,
    jobWaitSeconds: HOUR,
    objectives: { node: { rpoSeconds: DAY, rtoSeconds: DAY }, region: { rpoSeconds: 7 * DAY, rtoSeconds: 7 * DAY } },
    replica: "none",
    backup: { fullEverySeconds: 7 * DAY, keepSeconds: 14 * DAY },
    proofEverySeconds: 90 * DAY,
    disasterRecovery: "rapid-rebuild",
    approvals: 0,
    rollout: "at-once",
    drift: "repair",
    priority: 100,
    degradationOrder: 1,
    keepUndeclaredSeconds: 7 * DAY,
    sizes: {
      webProcesses: 1,
      cronThreads: 1,
      jobSlots: 0,
      reportProcesses: 0,
      integrationProcesses: 0,
      postgresMemoryBytes: 512 * MIB,
      postgresMaxConnections: 50,
    },
  },
};
