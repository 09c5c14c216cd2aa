import { formatDuration, formatSize } from "../../kernel/quantity.ts";
import { builtInSubject } from "./built-in.ts";
import type { Declared } from "./declared.ts";
import type { Source } from "./model.ts";
import { subjectOf } from "./subject.ts";
import { isTierName, TIER_NAMES, TIERS, type Tier, type Tiers, tierNamed } from "./tiers.ts";
import { byDefault, type Subject, settle, type Trace } from "./trace.ts";

type TierSpec = NonNullable<Declared<"Tier">["content"]>["spec"];
type Declarations = ReadonlyMap<string, Declared<"Tier">>;

/** The built-in tiers as this fleet adjusts them, then those that it adds. A new one starts from the adjusted built-in tier. */
export function resolveTiers(declarations: Declarations, trace: Trace): Tiers {
  const tiers: Record<string, Tier> = {};
  for (const name of TIER_NAMES) {
    const declared = declarations.get(name);
    const subject = declared?.content ? subjectOf(trace, `tier/${name}`, declared) : builtInSubject(trace, `tier/${name}`);
    tiers[name] = resolveTier(subject, declared?.content?.spec ?? {}, { tier: TIERS[name], source: byDefault });
  }
  const added = [...declarations.keys()].filter((name) => !isTierName(name)).sort();
  for (const name of added) {
    const tier = addedTier(declarations.get(name) as Declared<"Tier">, tiers, trace);
    if (tier !== undefined) tiers[name] = tier;
  }
  return tiers;
}

function addedTier(declared: Declared<"Tier">, tiers: Tiers, trace: Trace): Tier | undefined {
  const basedOn = declared.content?.spec.basedOn;
  if (declared.content === undefined || basedOn === undefined) return undefined;
  const { name } = declared;
  const base = { tier: { ...tierNamed(tiers, basedOn), name }, source: { kind: "tier", tier: basedOn } } as const;
  return resolveTier(subjectOf(trace, `tier/${name}`, declared), declared.content.spec, base);
}

interface Base {
  readonly tier: Tier;
  readonly source: Source;
}

/** A time; none at all of what must not be lost. */
function span(seconds: number): string {
  return seconds === 0 ? "none" : formatDuration(seconds);
}

type Choose = <T>(field: string, declared: T | undefined, otherwise: T, show?: (value: T) => string) => T;

function resolveTier(subject: Subject, spec: TierSpec, { tier, source }: Base): Tier {
  const choose: Choose = (field, declared, value, show) =>
    settle(subject, { field, declared, otherwise: { value, source }, ...(show === undefined ? {} : { show }) });
  const { backup } = tier;
  return {
    name: tier.name,
    ...objectivesOf(choose, spec, tier),
    replica: choose("replica", spec.replica, tier.replica),
    backup: {
      fullEverySeconds: choose("backup.fullEvery", spec.backup?.fullEvery, backup.fullEverySeconds, span),
      keepSeconds: choose("backup.keep", spec.backup?.keep, backup.keepSeconds, span),
    },
    proofEverySeconds: choose("proofEvery", spec.proofEvery, tier.proofEverySeconds, span),
    disasterRecovery: choose("disasterRecovery", spec.disasterRecovery, tier.disasterRecovery),
    approvals: choose("approvals", spec.approvals, tier.approvals),
    rollout: choose("rollout", spec.rollout, tier.rollout),
    drift: choose("drift", spec.drift === "mend" ? "repair" : spec.drift, tier.drift),
    priority: choose("priority", spec.priority, tier.priority),
    degradationOrder: choose("degradationOrder", spec.degradationOrder, tier.degradationOrder),
    keepUndeclaredSeconds: choose("keepUndeclared", spec.keepUndeclared, tier.keepUndeclaredSeconds, span),
    sizes: sizesOf(choose, spec.sizes, tier),
  };
}

type Objectives = Pick<Tier, "availabilityPercent" | "pageP95Ms" | "jobWaitSeconds" | "objectives">;

function objectivesOf(choose: Choose, spec: TierSpec, tier: Tier): Objectives {
  const { availability, pageP95, jobWait } = spec.objectives ?? {};
  const lost = (what: "node" | "region") => ({
    rpoSeconds: choose(`objectives.${what}.rpo`, spec.objectives?.[what]?.rpo, tier.objectives[what].rpoSeconds, span),
    rtoSeconds: choose(`objectives.${what}.rto`, spec.objectives?.[what]?.rto, tier.objectives[what].rtoSeconds, span),
  });
  return {
    availabilityPercent: choose("objectives.availability", availability, tier.availabilityPercent, (value) => `${value} %`),
    pageP95Ms: choose("objectives.pageP95", pageP95, tier.pageP95Ms, (value) => `${value} ms`),
    jobWaitSeconds: choose("objectives.jobWait", jobWait, tier.jobWaitSeconds, span),
    objectives: { node: lost("node"), region: lost("region") },
  };
}

function sizesOf(choose: Choose, declared: TierSpec["sizes"], { sizes }: Tier): Tier["sizes"] {
  const { web, cron, jobs, report, integration, postgres } = declared ?? {};
  return {
    webProcesses: choose("sizes.web.processes", web?.processes, sizes.webProcesses),
    cronThreads: choose("sizes.cron.threads", cron?.threads, sizes.cronThreads),
    jobSlots: choose("sizes.jobs.slots", jobs?.slots, sizes.jobSlots),
    reportProcesses: choose("sizes.report.processes", report?.processes, sizes.reportProcesses),
    integrationProcesses: choose("sizes.integration.processes", integration?.processes, sizes.integrationProcesses),
    postgresMemoryBytes: choose("sizes.postgres.memory", postgres?.memory, sizes.postgresMemoryBytes, formatSize),
    postgresMaxConnections: choose("sizes.postgres.maxConnections", postgres?.maxConnections, sizes.postgresMaxConnections),
  };
}
