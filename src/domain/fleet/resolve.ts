import { modulesIn } from "../odoo/modules.ts";
import type { Declarations, Declared } from "./declared.ts";
import { DEFAULTS } from "./defaults.ts";
import type { Fleet, Images, Ingress, Pool, Region, RegionEngine, Tenant } from "./model.ts";
import { resolveCalendar } from "./resolve-calendar.ts";
import { resolveAcme } from "./resolve-certificates.ts";
import { resolveEnvironments } from "./resolve-environment.ts";
import { resolveIngressLimits, usualIngressLimits } from "./resolve-ingress-limits.ts";
import { resolveIntegration } from "./resolve-integration.ts";
import { resolveProcesses } from "./resolve-process.ts";
import { resolveRelease } from "./resolve-release.ts";
import { resolvePostgres } from "./resolve-sizes.ts";
import { resolveTiers } from "./resolve-tier.ts";
import { resolveWaiver } from "./resolve-waiver.ts";
import type { Resolved } from "./resolved.ts";
import { parseListen } from "./schema/fleet.ts";
import type { Kind } from "./schema/kinds.ts";
import { subjectOf } from "./subject.ts";
import { type Tiers, tierNamed } from "./tiers.ts";
import { byDefault, note, type Subject, settle, type Trace } from "./trace.ts";

/**
 * Applies every default. Of a fleet with errors it resolves what can be resolved, so that the later checks have as much to say as possible:
 * what is faulty, or refers to something faulty, is left out.
 */
export function resolveFleet(declarations: Declarations, trace: Trace): Fleet {
  const regions = each(declarations, "Region", (one) => resolveRegion(one, trace));
  const calendars = each(declarations, "Calendar", (one) => resolveCalendar(one, trace));
  const tiers = resolveTiers(declarations.Tier, trace);
  const pools = each(declarations, "Pool", (one) => resolvePool(one, { regions, tiers }, trace));
  const whole = resolvePlatform(declarations.Fleet.values().next().value, trace);
  const resolved: Resolved = { domain: whole.domain, regions, calendars, tiers, pools };
  const tenants = each(declarations, "Tenant", (one) => resolveTenant(one, resolved, trace));
  return {
    ...whole,
    tiers,
    regions: [...regions.values()],
    calendars: [...calendars.values()],
    pools: [...pools.values()],
    tenants: [...tenants.values()],
    processes: resolveProcesses(declarations.Process, trace),
    integrations: [...each(declarations, "Integration", (one) => resolveIntegration(one, trace)).values()],
    releases: [...each(declarations, "Release", (one) => resolveRelease(one, trace)).values()],
    waivers: [...each(declarations, "Waiver", (one) => resolveWaiver(one, trace)).values()],
  };
}

function each<K extends Kind, T>(
  declarations: Declarations,
  kind: K,
  resolve: (one: Declared<K>) => T | undefined,
): ReadonlyMap<string, T> {
  const resolved = new Map<string, T>();
  for (const name of [...declarations[kind].keys()].sort()) {
    const value = resolve(declarations[kind].get(name) as Declared<K>);
    if (value !== undefined) resolved.set(name, value);
  }
  return resolved;
}

type Platform = Pick<Fleet, "name" | "operatingModel" | "domain" | "ingress" | "images">;

function resolvePlatform(declared: Declared<"Fleet"> | undefined, trace: Trace): Platform {
  const name = declared?.content?.metadata.name ?? (declared?.name || "fleet");
  if (declared?.content === undefined) {
    return {
      name,
      operatingModel: DEFAULTS.operatingModel,
      domain: `${name}.localhost`,
      ingress: { limits: usualIngressLimits() },
      images: { source: DEFAULTS.imageSource },
    };
  }
  const subject = subjectOf(trace, "fleet", declared);
  const spec = declared.content.spec ?? {};
  return {
    name,
    operatingModel: settle(subject, {
      field: "operatingModel",
      declared: spec.operatingModel,
      otherwise: { value: DEFAULTS.operatingModel, source: byDefault },
    }),
    domain: settle(subject, {
      field: "domain",
      declared: spec.domain,
      otherwise: {
        value: `${name}.localhost`,
        source: byDefault,
        because: "the name of the fleet; browsers find *.localhost on this machine",
      },
    }),
    ingress: resolveIngress(subject, spec.ingress),
    images: resolveImages(subject, spec.images),
  };
}

type DeclaredIngress = NonNullable<NonNullable<Declared<"Fleet">["content"]>["spec"]>["ingress"];

function resolveIngress(subject: Subject, declared: DeclaredIngress): Ingress {
  const listen = settle<string | undefined>(subject, {
    field: "ingress.listen",
    declared: declared?.listen,
    otherwise: { value: undefined, source: byDefault, because: "a free port on loopback, chosen once and kept" },
    show: (value) => value ?? "chosen",
  });
  const parsed = listen === undefined ? undefined : parseListen(listen);
  const limits = resolveIngressLimits(subject, declared?.limits);
  const acme = resolveAcme(subject, declared?.certificates);
  return { ...(parsed === undefined ? {} : { listen: parsed }), limits, ...(acme === undefined ? {} : { acme }) };
}

type DeclaredImages = NonNullable<NonNullable<Declared<"Fleet">["content"]>["spec"]>["images"];

function resolveImages(subject: Subject, declared: DeclaredImages): Images {
  const source = settle(subject, {
    field: "images.source",
    declared: declared?.source,
    otherwise: { value: DEFAULTS.imageSource, source: byDefault },
  });
  const odoo = note(subject, "images.odoo", declared?.odoo);
  const postgres = note(subject, "images.postgres", declared?.postgres);
  const traefik = note(subject, "images.traefik", declared?.traefik);
  if (source === "packages" || odoo === undefined || postgres === undefined || traefik === undefined) return { source: "packages" };
  return { source, odoo, postgres, traefik };
}

function resolveRegion(declared: Declared<"Region">, trace: Trace): Region | undefined {
  if (declared.content === undefined) return undefined;
  const { metadata, spec } = declared.content;
  const subject = subjectOf(trace, `region/${metadata.name}`, declared);
  return {
    name: metadata.name,
    engine: resolveEngine(subject, spec.engine),
    jurisdiction: note(subject, "jurisdiction", spec.jurisdiction) ?? spec.jurisdiction,
    role: settle(subject, { field: "role", declared: spec.role, otherwise: { value: DEFAULTS.regionRole, source: byDefault } }),
  };
}

function resolveEngine(subject: Subject, engine: NonNullable<Declared<"Region">["content"]>["spec"]["engine"]): RegionEngine {
  if (engine.kubernetes !== undefined) {
    const { context } = engine.kubernetes;
    note(subject, "engine.kubernetes.context", context);
    return { kind: "kubernetes", context };
  }
  const subnets = settle<string>(subject, {
    field: "engine.docker.subnets",
    declared: engine.docker?.subnets,
    otherwise: { value: DEFAULTS.dockerSubnets, source: byDefault },
  });
  return { kind: "docker", subnets };
}

interface PoolSurroundings {
  readonly regions: ReadonlyMap<string, Region>;
  readonly tiers: Tiers;
}

function resolvePool(declared: Declared<"Pool">, { regions, tiers }: PoolSurroundings, trace: Trace): Pool | undefined {
  const spec = declared.content?.spec ?? {};
  const regionName = spec.region ?? (regions.size === 1 ? [...regions.keys()][0] : undefined);
  if (declared.content === undefined || regionName === undefined || !isKnown(spec.tier, regionName, { regions, tiers })) return undefined;
  const { name } = declared.content.metadata;
  const subject = subjectOf(trace, `pool/${name}`, declared);
  const region = settle(subject, {
    field: "region",
    declared: spec.region,
    otherwise: { value: regionName, source: byDefault, because: "the only region" },
  });
  const tier = settle<string>(subject, { field: "tier", declared: spec.tier, otherwise: { value: DEFAULTS.tier, source: byDefault } });
  const series = settle(subject, { field: "series", declared: spec.series, otherwise: { value: DEFAULTS.series, source: byDefault } });
  const modules = settle<readonly string[]>(subject, {
    field: "modules",
    declared: spec.modules,
    otherwise: { value: modulesIn(series, DEFAULTS.modules), source: byDefault },
    show: (value) => value.join(" "),
  });
  const postgres = resolvePostgres(subject, spec.postgres, tierNamed(tiers, tier));
  return { name, region, tier, series, modules: [...modules].sort(), postgres };
}

function isKnown(tier: string | undefined, region: string, { regions, tiers }: PoolSurroundings): boolean {
  return regions.has(region) && (tier === undefined || Object.hasOwn(tiers, tier));
}

function resolveTenant(declared: Declared<"Tenant">, resolved: Resolved, trace: Trace): Tenant | undefined {
  if (declared.content === undefined) return undefined;
  const { metadata, spec } = declared.content;
  const subject = subjectOf(trace, metadata.name, declared);
  note(subject, "owner.name", spec.owner.name);
  note(subject, "owner.email", spec.owner.email);
  note(subject, "calendar", spec.calendar);
  const { renamedFrom } = metadata;
  const residency = settle<readonly string[] | undefined>(subject, {
    field: "residency",
    declared: spec.residency,
    otherwise: { value: undefined, source: byDefault },
    show: (value) => value?.join(" ") ?? "anywhere",
  });
  const integrations = note(subject, "integrations", spec.integrations, (value) => value.join(" ")) ?? [];
  return {
    name: metadata.name,
    ...(renamedFrom === undefined ? {} : { renamedFrom }),
    owner: spec.owner,
    calendar: spec.calendar,
    ...(residency === undefined ? {} : { residency }),
    integrations,
    environments: resolveEnvironments(declared, resolved, trace),
  };
}
