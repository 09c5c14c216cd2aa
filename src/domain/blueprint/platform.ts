import { isWithin } from "../fleet/host-names.ts";
import type { LoadedFleet, Region } from "../fleet/model.ts";
import { type AnyNode, nodeId, type Stack, type StackId } from "../stack/node.ts";
import { CERTIFICATE_DAYS, type CompileContext } from "./context.ts";
import { acmeNodes, acmeSpec, acmeUses, fallbackName } from "./platform-acme.ts";

export function platformId(region: string): StackId {
  return `platform/${region}`;
}

const AUTHORITY_DAYS = 3650;

/** What all stacks of a region share: the way in and the authority behind its certificates. */
export function platformStack(loaded: LoadedFleet, region: Region, context: CompileContext): Stack {
  const id = platformId(region.name);
  const { fleet } = loaded;
  const { acme } = fleet.ingress;
  const from = [{ at: loaded.placeOf(`region/${region.name}`), what: `region ${region.name}` }];
  const inside = { to: nodeId(id, "boundary"), as: "inside" } as const;
  const nodes: AnyNode[] = [
    { id: nodeId(id, "boundary"), kind: "boundary", spec: { outward: "published" }, uses: [], from },
    { id: nodeId(id, "authority"), kind: "authority", spec: { domain: fleet.domain, validDays: AUTHORITY_DAYS }, uses: [], from },
    {
      id: nodeId(id, "certificate"),
      kind: "certificate",
      spec: {
        ...(acme === undefined ? { names: certificateNames(loaded, region) } : { names: [fallbackName(fleet)], fallback: true as const }),
        validDays: CERTIFICATE_DAYS,
        generation: context.certificateGeneration,
      },
      uses: [{ to: nodeId(id, "authority"), as: "trust" }],
      from,
    },
    {
      id: nodeId(id, "ingress"),
      kind: "ingress",
      spec: {
        image: context.images["traefik"] ?? "",
        address: context.ingress.address,
        port: context.ingress.port,
        memoryMiB: 384,
        ...acmeSpec(fleet),
      },
      uses: [inside, { to: nodeId(id, "certificate"), as: "mount" }, ...acmeUses(fleet, id)],
      from,
    },
  ];
  return { id, role: "platform", nodes: [...nodes, ...acmeNodes(fleet, { id, from, context })] };
}

/**
 * One wildcard for all production hosts, there before the first tenant; one more for each tenant that has other environments, and what no wildcard
 * covers by name. Never a name that the authority may not sign: clients would refuse the certificate for every host.
 */
function certificateNames({ fleet }: LoadedFleet, region: Region): readonly string[] {
  const names = new Set([fleet.domain, ...wildcard(fleet.domain)]);
  for (const tenant of fleet.tenants) {
    for (const environment of tenant.environments) {
      if (environment.region !== region.name || !isWithin(fleet.domain, environment.host)) continue;
      const parent = environment.host.slice(environment.host.indexOf(".") + 1);
      if (parent === `${tenant.name}.${fleet.domain}` && environment.name !== "production") names.add(`*.${parent}`);
      else if (parent !== fleet.domain || wildcard(parent).length === 0) names.add(environment.host);
    }
  }
  return [...names].sort();
}

/** Clients take no wildcard for the names right below a top-level domain. */
function wildcard(domain: string): readonly string[] {
  return domain.includes(".") ? [`*.${domain}`] : [];
}
