import { formatSize } from "../../kernel/quantity.ts";
import type { Declared } from "./declared.ts";
import { DEFAULTS } from "./defaults.ts";
import type { Environment, EnvironmentName, Pool, Source } from "./model.ts";
import type { Resolved } from "./resolved.ts";
import { ENVIRONMENT_NAMES } from "./schema/tenant.ts";
import { type Tier, tierNamed } from "./tiers.ts";
import { begin, byDefault, fileSource, note, type Subject, settle, type Trace } from "./trace.ts";

type TenantContent = NonNullable<Declared<"Tenant">["content"]>;
type DeclaredEnvironment = NonNullable<TenantContent["spec"]["environments"]["production"]>;

/** Every environment of a tenant whose pool or region is known. */
export function resolveEnvironments(declared: Declared<"Tenant">, resolved: Resolved, trace: Trace): Environment[] {
  const { content, source } = declared;
  if (content === undefined) return [];
  return ENVIRONMENT_NAMES.flatMap((name) => {
    const environment = content.spec.environments[name];
    const runsIn = environment && placement(environment, resolved);
    if (runsIn === undefined) return [];
    const path = ["spec", "environments", name];
    const subject = begin(trace, `${content.metadata.name}/${name}`, source, { base: path, place: source.placeOf(path, "key") });
    return [resolveEnvironment({ subject, name, content, resolved }, environment as DeclaredEnvironment, runsIn)];
  });
}

interface Placement {
  readonly pool?: Pool;
  readonly region: string;
}

function placement(environment: DeclaredEnvironment, { pools, regions, tiers }: Resolved): Placement | undefined {
  if (environment.tier !== undefined && !Object.hasOwn(tiers, environment.tier)) return undefined;
  if (environment.hosting === "shared") {
    const pool = pools.get(environment.pool ?? "");
    return pool && { pool, region: pool.region };
  }
  const region = environment.region ?? (regions.size === 1 ? [...regions.keys()][0] : undefined);
  return region !== undefined && regions.has(region) ? { region } : undefined;
}

interface Context {
  readonly subject: Subject;
  readonly name: EnvironmentName;
  readonly content: TenantContent;
  readonly resolved: Resolved;
}

function resolveEnvironment(context: Context, declared: DeclaredEnvironment, { pool, region }: Placement): Environment {
  const { subject, name, content } = context;
  const tenant = content.metadata.name;
  const hosting = note(subject, "hosting", declared.hosting) ?? declared.hosting;
  note(subject, "pool", declared.pool);
  const fromPool: Source = pool === undefined ? byDefault : { kind: "pool", pool: pool.name };
  const tier = settle<string>(subject, {
    field: "tier",
    declared: declared.tier,
    otherwise: { value: pool?.tier ?? DEFAULTS.tier, source: fromPool },
  });
  const base = {
    address: subject.address,
    tenant,
    name,
    region: settle(subject, {
      field: "region",
      declared: declared.region,
      otherwise: { value: region, source: fromPool, ...(pool === undefined ? { because: "the only region" } : {}) },
    }),
    calendar: calendarOf(context),
    tier,
    series: settle(subject, {
      field: "series",
      declared: declared.series,
      otherwise: { value: pool?.series ?? DEFAULTS.series, source: fromPool },
    }),
    modules: modulesOf(subject, pool, fromPool),
    host: hostOf(context, declared),
    sizes: sizesOf(subject, declared, tierNamed(context.resolved.tiers, tier)),
    ...copyOf(subject, declared),
    ...releaseOf(subject, declared),
  };
  if (hosting === "shared") return { ...base, hosting, pool: declared.pool ?? "" };
  return { ...base, hosting };
}

/** An environment obeys the calendar of its tenant, so its place is there. */
function calendarOf({ subject, content }: Context): string {
  const { calendar } = content.spec;
  subject.effective.push({
    field: "calendar",
    value: calendar,
    source: fileSource({ ...subject, base: ["spec"] }, "calendar"),
    because: "the tenant's",
  });
  return calendar;
}

function modulesOf(subject: Subject, pool: Pool | undefined, source: Source): readonly string[] {
  const value: readonly string[] = pool?.modules ?? DEFAULTS.modules;
  return settle<readonly string[]>(subject, {
    field: "modules",
    declared: undefined,
    otherwise: { value, source, ...(pool === undefined ? {} : { because: "its template" }) },
    show: (modules) => modules.join(" "),
  });
}

function hostOf({ subject, name, content, resolved: { domain } }: Context, declared: DeclaredEnvironment): string {
  const tenant = content.metadata.name;
  const value = name === "production" ? `${tenant}.${domain}` : `${name}.${tenant}.${domain}`;
  return settle(subject, {
    field: "domain",
    declared: declared.domain,
    otherwise: { value, source: { kind: "fleet" }, because: "made from the name and the domain of the fleet" },
  });
}

function sizesOf(subject: Subject, declared: DeclaredEnvironment, tier: Tier): Environment["sizes"] {
  const fromTier = { kind: "tier", tier: tier.name } as const;
  const { webProcesses, cronThreads } = tier.sizes;
  const { web, cron } = declared.sizes ?? {};
  const processes = settle(subject, {
    field: "sizes.web.processes",
    declared: web?.processes,
    otherwise: { value: webProcesses, source: fromTier },
  });
  const memoryBytes = settle(subject, {
    field: "sizes.web.memory",
    declared: web?.memory,
    otherwise: {
      value: DEFAULTS.webMemoryBaseBytes + processes * DEFAULTS.webMemoryPerProcessBytes,
      source: byDefault,
      because: `${formatSize(DEFAULTS.webMemoryBaseBytes)}, and ${formatSize(DEFAULTS.webMemoryPerProcessBytes)} for each of ${processes} processes`,
    },
    show: formatSize,
  });
  const threads = settle(subject, {
    field: "sizes.cron.threads",
    declared: cron?.threads,
    otherwise: { value: cronThreads, source: fromTier },
  });
  return { web: { processes, memoryBytes }, cron: { threads } };
}

function copyOf(subject: Subject, declared: DeclaredEnvironment): Pick<Environment, "copyOf"> {
  const copied = note(subject, "copyOf", declared.copyOf);
  return copied === undefined ? {} : { copyOf: copied };
}

function releaseOf(subject: Subject, declared: DeclaredEnvironment): Pick<Environment, "release"> {
  const release = note(subject, "release", declared.release);
  return release === undefined ? {} : { release };
}
