import { seriesFacts } from "../odoo/series.ts";
import type { RoutePath } from "../stack/kinds/route.ts";
import { type AnyNode, nodeId } from "../stack/node.ts";
import { ODOO_PORT } from "./data.ts";
import type { EnvironmentPlan } from "./environment-plan.ts";
import { platformId } from "./platform.ts";
import { groupOf } from "./process-groups.ts";

/** Paths that nobody outside may reach: the database manager, the old RPC doors through which a tenant's name can be chosen, and the door of queued jobs. */
const CLOSED_PATHS = ["/web/database", "/jsonrpc", "/xmlrpc", "/queue_job"];
const WEBSOCKET_PORT = 8072;

/** The way in: the host, and the paths that processes of their own answer. */
export function routeNode(plan: EnvironmentPlan): AnyNode {
  const { id, environment, groups, from } = plan;
  const web = groupOf(groups, "web");
  const paths = pathsOf(plan);
  const services = [...new Set([web.name, ...paths.map((path) => path.node)])];
  return {
    id: nodeId(id, "route"),
    kind: "route",
    spec: { hosts: [environment.host], node: web.name, port: ODOO_PORT, paths, closedPaths: CLOSED_PATHS },
    uses: [
      { to: nodeId(id, "boundary"), as: "inside" },
      ...services.map((service) => ({ to: nodeId(id, service), as: "http" }) as const),
      { to: nodeId(platformId(environment.region), "ingress"), as: "http" },
    ],
    from,
  };
}

function pathsOf(plan: EnvironmentPlan): readonly RoutePath[] {
  const { environment, groups } = plan;
  const websocket = groups.find((group) => group.name === "odoo-websocket");
  const integration = groups.find((group) => group.name === "odoo-integration");
  const facts = seriesFacts(environment.series);
  const calls = facts?.rpc === "json-2" ? ["/json/2"] : [];
  return [
    ...(websocket === undefined || facts === undefined
      ? []
      : [{ prefix: facts.websocket.path, node: websocket.name, port: WEBSOCKET_PORT }]),
    ...(integration === undefined
      ? []
      : [...calls, ...inboundPaths(plan)].map((prefix) => ({ prefix, node: integration.name, port: ODOO_PORT }))),
  ];
}

/** Where the tenant's integrations may call back. */
function inboundPaths({ loaded, environment }: EnvironmentPlan): readonly string[] {
  const named = loaded.fleet.tenants.find((tenant) => tenant.name === environment.tenant)?.integrations ?? [];
  const paths = loaded.fleet.integrations.filter((one) => named.includes(one.name)).flatMap((one) => one.inbound);
  return [...new Set(paths)].sort();
}
