import type { Declared } from "./declared.ts";
import { DEFAULTS } from "./defaults.ts";
import type { Environment, EnvironmentName, Pool, Source } from "./model.ts";
import { resolvePostgres, resolveQuotas, resolveSizes } from "./resolve-sizes.ts";
import type { Resolved } from "./resolved.ts";
import { ENVIRONMENT_NAMES } from "./schema/tenant.ts";
import { tierNamed } from "./tiers.ts";
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
    modules: modulesOf(subject, declared, pool),
    host: hostOf(context, declared),
    sizes: resolveSizes(subject, declared.sizes, {
      tier: tierNamed(context.resolved.tiers, tier),
      integrations: name === "production" && content.spec.integrations !== undefined && content.spec.integrations.length > 0,
    }),
    quotas: resolveQuotas(subject, declared.quotas),
    suspended: isSuspended(subject, declared),
    ...copyOf(subject, declared),
    ...releaseOf(subject, declared),
  };
  if (hosting === "shared") return { ...base, hosting, pool: declared.pool ?? "" };
  return { ...base, hosting, postgres: resolvePostgres(subject, declared.postgres, tierNamed(context.resolved.tiers, tier)) };
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

function modulesOf(subject: Subject, declared: DeclaredEnvironment, pool: Pool | undefined): readonly string[] {
  const otherwise =
    pool === undefined
      ? { value: DEFAULTS.modules, source: byDefault }
      : { value: pool.modules, source: { kind: "pool", pool: pool.name } as const, because: "its template" };
  const modules = settle<readonly string[]>(subject, {
    field: "modules",
    declared: declared.modules,
    otherwise,
    show: (value) => value.join(" "),
  });
  return [...modules].sort();
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

function isSuspended(subject: Subject, declared: DeclaredEnvironment): boolean {
  return note(subject, "suspended", declared.suspended) ?? false;
}

function copyOf(subject: Subject, declared: DeclaredEnvironment): Pick<Environment, "copyOf"> {
  const copied = note(subject, "copyOf", declared.copyOf);
  return copied === undefined ? {} : { copyOf: copied };
}

function releaseOf(subject: Subject, declared: DeclaredEnvironment): Pick<Environment, "release"> {
  const release = note(subject, "release", declared.release);
  return release === undefined ? {} : { release };
}
