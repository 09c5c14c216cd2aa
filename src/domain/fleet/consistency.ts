import type { Problem } from "../../kernel/problem.ts";
import { unsignable } from "./acme-hosts.ts";
import type { FleetCode } from "./codes.ts";
import type { Declarations } from "./declared.ts";
import { hostProblems } from "./host-names.ts";
import { idleSizeWarnings } from "./idle-sizes.ts";
import { inboundProblems } from "./inbound-paths.ts";
import { lapseWarnings } from "./lapses.ts";
import type { Environment, Fleet, Tenant } from "./model.ts";
import { ENVIRONMENT_NAMES } from "./schema/tenant.ts";
import type { Path, SourceDocument } from "./source.ts";
import type { Trace } from "./trace.ts";
import { waiverScopeProblems } from "./waiver-scopes.ts";
import { effectlessWarnings } from "./without-effect.ts";

/** What is right for itself and wrong together. Looks at whatever could be resolved. */
export function consistencyProblems(declarations: Declarations, fleet: Fleet, trace: Trace, today: string): Problem[] {
  const jurisdictions = new Map(fleet.regions.map((region) => [region.name, region.jurisdiction]));
  return [
    ...listenWarnings(declarations, fleet),
    ...lapseWarnings(declarations, fleet, today),
    ...effectlessWarnings(declarations),
    ...idleSizeWarnings(declarations, fleet),
    ...regionProblems(declarations),
    ...copyProblems(declarations),
    ...hostProblems(fleet, trace),
    ...signatureProblems(fleet, trace),
    ...sharedSourceProblems(fleet, declarations),
    ...fleet.tenants.flatMap((tenant) => [...renameProblems(tenant, declarations), ...residencyProblems(tenant, jurisdictions, trace)]),
    ...seriesProblems(fleet, trace),
    ...releaseProblems(fleet, trace),
    ...inboundProblems(declarations, fleet),
    ...waiverScopeProblems(declarations, fleet, trace),
  ];
}

interface Place {
  readonly source: SourceDocument;
  readonly path: Path;
  /** Of what is declared there, where the problem is about one address. */
  readonly address?: string;
}

function complaint(code: FleetCode, { source, path, address }: Place, message: string, hint?: string): Problem {
  const about = address === undefined ? {} : { address };
  return { code, severity: "error", at: source.placeOf(path), ...about, message, ...(hint === undefined ? {} : { hint }) };
}

/** The place of an environment's field. */
function fieldPlace(trace: Trace, address: string, field: string): Place | undefined {
  const subject = trace.get(address);
  return subject && { source: subject.source, path: [...subject.base, field], address };
}

function listenWarnings(declarations: Declarations, { ingress: { listen } }: Fleet): Problem[] {
  const source = declarations.Fleet.values().next().value?.source;
  if (listen === undefined || source === undefined || listen.address.startsWith("127.") || listen.address === "::1") return [];
  const message = `ingress.listen ${listen.address} is reachable from other machines`;
  const hint = "loopback is 127.0.0.1; behind a firewall that lets nobody else in, this is what you want";
  return [{ ...complaint("BAL-F044", { source, path: ["spec", "ingress", "listen"] }, message, hint), severity: "warning" }];
}

/** The only region is taken where none is named; with several, or none at all, somebody must choose. */
function regionProblems({ Region, Pool, Tenant }: Declarations): Problem[] {
  if (Region.size === 1) return [];
  const choice = Region.size === 0 ? "no Region is declared" : `one of: ${[...Region.keys()].sort().join(", ")}`;
  const unplaced = [...Pool.values()]
    .filter(({ content }) => content !== undefined && content.spec?.region === undefined)
    .map(({ source }) =>
      complaint("BAL-F025", { source, path: ["spec", "region"] }, `region is missing, and there is not exactly one; ${choice}`),
    );
  const roaming = [...Tenant.values()].flatMap(({ content, source }) =>
    ENVIRONMENT_NAMES.flatMap((name) => {
      const environment = content?.spec.environments[name];
      if (environment === undefined || environment.hosting === "shared" || environment.region !== undefined) return [];
      const path = ["spec", "environments", name, "region"];
      return [complaint("BAL-F025", { source, path }, `region is missing, and there is not exactly one; ${choice}`)];
    }),
  );
  return [...unplaced, ...roaming];
}

/** Follows each copy to its end: it must be an environment that is declared and is no copy of what started. */
function copyProblems({ Tenant }: Declarations): Problem[] {
  return [...Tenant.values()].flatMap(({ content, source, name: tenant }) =>
    ENVIRONMENT_NAMES.flatMap((name) => {
      const environments = content?.spec.environments;
      const target = environments?.[name]?.copyOf;
      if (environments === undefined || target === undefined) return [];
      const place = { source, path: ["spec", "environments", name, "copyOf"] };
      if (environments[target] === undefined) {
        const declared = ENVIRONMENT_NAMES.filter((one) => environments[one] !== undefined && one !== name);
        const choice = declared.length === 0 ? "there is no other environment" : `one of: ${declared.join(", ")}`;
        return [complaint("BAL-F025", place, `copyOf "${target}" is not an environment of ${tenant}; ${choice}`)];
      }
      const chain: string[] = [name];
      let next: typeof target | undefined = target;
      while (next !== undefined && !chain.includes(next)) {
        chain.push(next);
        next = environments[next]?.copyOf;
      }
      return next === name ? [complaint("BAL-F043", place, `copyOf goes in a circle: ${[...chain, name].join(" → ")}`)] : [];
    }),
  );
}

function signatureProblems(fleet: Fleet, trace: Trace): Problem[] {
  const hosts = environmentsOf(fleet).map(({ host }) => host);
  const [first, ...others] = unsignable(fleet.ingress.acme, hosts);
  const place = fieldPlace(trace, "fleet", "ingress");
  if (first === undefined || place === undefined) return [];
  const more = others.length === 0 ? "" : `, nor for ${others.length} more`;
  const message = `no public authority signs for ${first}${more}: its name is nobody's in the public DNS`;
  const hint = "declare domain: with a name of yours, or the roots: of a private authority";
  return [complaint("BAL-F061", place, message, hint)];
}

function environmentsOf(fleet: Fleet): readonly Environment[] {
  return fleet.tenants.flatMap((tenant) => tenant.environments);
}

function renameProblems({ name, renamedFrom }: Tenant, { Tenant }: Declarations): Problem[] {
  const source = Tenant.get(name)?.source;
  if (renamedFrom === undefined || source === undefined || !Tenant.has(renamedFrom)) return [];
  const what = renamedFrom === name ? "is its own name" : "is still declared, so its data cannot become that of this tenant";
  return [complaint("BAL-F028", { source, path: ["metadata", "renamedFrom"] }, `renamedFrom "${renamedFrom}" ${what}`)];
}

/** The data of one tenant can become that of one other: else one would get its database and the next its files. */
function sharedSourceProblems({ tenants }: Fleet, { Tenant }: Declarations): Problem[] {
  const heirs = new Map<string, string>();
  return tenants.flatMap(({ name, renamedFrom }) => {
    const source = Tenant.get(name)?.source;
    if (renamedFrom === undefined || source === undefined) return [];
    const first = heirs.get(renamedFrom);
    if (first === undefined) heirs.set(renamedFrom, name);
    const message = `renamedFrom "${renamedFrom}" is that of ${first} already, and the data of one tenant becomes that of one other`;
    return first === undefined ? [] : [complaint("BAL-F076", { source, path: ["metadata", "renamedFrom"] }, message)];
  });
}

function residencyProblems({ residency, environments }: Tenant, jurisdictions: ReadonlyMap<string, string>, trace: Trace): Problem[] {
  if (residency === undefined) return [];
  return environments.flatMap((environment) => {
    const { address, region } = environment;
    const jurisdiction = jurisdictions.get(region);
    const place = fieldPlace(trace, address, environment.hosting === "shared" ? "pool" : "region");
    if (jurisdiction === undefined || residency.includes(jurisdiction) || place === undefined) return [];
    const via = environment.hosting === "shared" ? ` (through pool ${environment.pool})` : "";
    const message = `${address} would run in region ${region}${via} under the law of ${jurisdiction}; its residency allows: ${residency.join(", ")}`;
    return [complaint("BAL-F042", place, message)];
  });
}

function seriesProblems(fleet: Fleet, trace: Trace): Problem[] {
  const pools = new Map(fleet.pools.map((pool) => [pool.name, pool.series]));
  return environmentsOf(fleet).flatMap((environment) => {
    if (environment.hosting !== "shared") return [];
    const { address, series, pool } = environment;
    const place = fieldPlace(trace, address, "series");
    const pooled = pools.get(pool);
    if (pooled === undefined || pooled === series || place === undefined) return [];
    const hint = "share a pool of that series, or declare hosting: isolated";
    return [
      complaint(
        "BAL-F027",
        place,
        `${address}: series ${series} cannot be made from the template of pool ${pool}, which is ${pooled}`,
        hint,
      ),
    ];
  });
}

function releaseProblems(fleet: Fleet, trace: Trace): Problem[] {
  const releases = new Map(fleet.releases.map((release) => [release.name, release.series]));
  return environmentsOf(fleet).flatMap(({ address, series, release = "" }) => {
    const released = releases.get(release);
    const place = fieldPlace(trace, address, "release");
    if (released === undefined || released === series || place === undefined) return [];
    return [complaint("BAL-F048", place, `${address}: release ${release} is of series ${released}, the environment of ${series}`)];
  });
}
