import { seriesFacts } from "../odoo/series.ts";
import type { RouteLimits, RoutePath } from "../stack/kinds/route.ts";
import { type AnyNode, nodeId } from "../stack/node.ts";
import { ODOO_PORT } from "./data.ts";
import type { EnvironmentPlan } from "./environment-plan.ts";
import { platformId } from "./platform.ts";
import { groupOf } from "./process-groups.ts";

/** Paths that nobody outside may reach: the database manager, the old RPC doors through which a tenant's name can be chosen, and the door of queued jobs. */
const CLOSED_PATHS = ["/web/database", "/jsonrpc", "/xmlrpc", "/queue_job"];
const WEBSOCKET_PORT = 8072;
/** Where passwords, second factors and reset keys can be guessed. */
const LOGIN_PATHS = ["/web/login", "/web/session/authenticate", "/web/session/identity", "/web/signup", "/web/reset_password"];
/** Where a report is made; not `/report/barcode`, of which one page shows many. */
const REPORT_PATHS = ["/report/download", "/report/pdf", "/report/html", "/report/text"];

/** The way in: the host, and the paths that processes of their own answer. */
export function routeNode(plan: EnvironmentPlan): AnyNode {
  const { id, environment, groups, from } = plan;
  const web = groupOf(groups, "web");
  const paths = pathsOf(plan);
  const services = [...new Set([web.name, ...paths.map((path) => path.node)])];
  return {
    id: nodeId(id, "route"),
    kind: "route",
    spec: {
      hosts: [environment.host],
      node: web.name,
      port: ODOO_PORT,
      paths,
      closedPaths: CLOSED_PATHS,
      limits: limitsOf(plan),
      // Below `acme.example.com` the fleet gives all names itself; below a name of the tenant's own somebody else may.
      ownsSubdomains: environment.host.endsWith(`.${plan.loaded.fleet.domain}`),
      ...(plan.loaded.fleet.ingress.acme === undefined ? {} : { acme: true as const }),
    },
    uses: [
      { to: nodeId(id, "boundary"), as: "inside" },
      ...services.map((service) => ({ to: nodeId(id, service), as: "http" }) as const),
      { to: nodeId(platformId(environment.region), "ingress"), as: "http" },
    ],
    from,
  };
}

function limitsOf({ loaded }: EnvironmentPlan): RouteLimits {
  const { reportsAtOnce, requestsAtOnce, requests, logins, reports, ...others } = loaded.fleet.ingress.limits;
  return {
    ...others,
    requests: { ...requests, atOnce: requestsAtOnce },
    logins: { ...logins, paths: LOGIN_PATHS },
    reports: { ...reports, paths: REPORT_PATHS, atOnce: reportsAtOnce },
  };
}

function pathsOf(plan: EnvironmentPlan): readonly RoutePath[] {
  const { environment, groups } = plan;
  const websocket = groupOf(groups, "websocket");
  const isOwn = websocket.name === "odoo-websocket";
  const called = groupOf(groups, "integration");
  const facts = seriesFacts(environment.series);
  const calls = facts?.rpc === "json-2" ? ["/json/2"] : [];
  return [
    ...(facts === undefined
      ? []
      : [{ prefix: facts.websocket.path, node: websocket.name, port: isOwn ? WEBSOCKET_PORT : ODOO_PORT, stays: true as const }]),
    ...[...calls, ...inboundPaths(plan)].map((prefix) => ({ prefix, node: called.name, port: ODOO_PORT, calls: true as const })),
  ];
}

/** Where the tenant's integrations may call back. */
function inboundPaths({ loaded, environment }: EnvironmentPlan): readonly string[] {
  const named = loaded.fleet.tenants.find((tenant) => tenant.name === environment.tenant)?.integrations ?? [];
  const paths = loaded.fleet.integrations.filter((one) => named.includes(one.name)).flatMap((one) => one.inbound);
  return [...new Set(paths)].sort();
}
