import type { Integration } from "../fleet/integration.ts";
import type { Allowed } from "../stack/kinds/egress.ts";
import { type AnyNode, nodeId } from "../stack/node.ts";
import type { EnvironmentPlan } from "./environment-plan.ts";

const HTTPS_PORT = 443;

type Place = Pick<EnvironmentPlan, "loaded" | "environment" | "clone">;

/**
 * Whom an environment may call: production the integrations of its tenant, every other one their sandboxes, and nobody where there is none. A clone
 * does what cannot be undone, so it calls nobody.
 */
export function allowedOf({ loaded, environment, clone }: Place): readonly Allowed[] {
  const { tenants, integrations } = loaded.fleet;
  const names = tenants.find((tenant) => tenant.name === environment.tenant)?.integrations ?? [];
  const used = clone ? [] : integrations.filter((one) => names.includes(one.name));
  const places = used.flatMap((one) => placeOf(one, environment.name === "production" ? one.url : one.sandbox));
  const byPlace = Map.groupBy(places, ({ host, port }) => `${host} ${port}`);
  return [...byPlace.keys()].sort().map((key) => merged(byPlace.get(key) as [Allowed, ...Allowed[]]));
}

/** True where a proxy stands: whoever may call nobody has none. */
export function hasEgress(place: Place): boolean {
  return allowedOf(place).length > 0;
}

function placeOf({ name, network }: Integration, url: string | undefined): readonly Allowed[] {
  if (url === undefined) return [];
  const { hostname: host, port } = new URL(url);
  return [{ host, port: port === "" ? HTTPS_PORT : Number(port), networks: network === undefined ? [] : [network], integrations: [name] }];
}

/** Two integrations at one place: what either declares is let through, and no more. */
function merged(places: readonly [Allowed, ...Allowed[]]): Allowed {
  const [{ host, port }] = places;
  const networks = [...new Set(places.flatMap((one) => one.networks))].sort();
  return { host, port, networks, integrations: places.flatMap((one) => one.integrations).sort() };
}

export function egressNodes(plan: EnvironmentPlan): readonly AnyNode[] {
  const { id, context, from } = plan;
  const allow = allowedOf(plan);
  if (allow.length === 0) return [];
  return [
    {
      id: nodeId(id, "egress"),
      kind: "egress",
      spec: { image: context.images["egress"] ?? "", memoryMiB: 128, cpuShares: 256, pidsLimit: 32, allow },
      uses: [{ to: nodeId(id, "boundary"), as: "inside" }],
      from,
    },
  ];
}
