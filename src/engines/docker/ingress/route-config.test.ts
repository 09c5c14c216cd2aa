import { expect, test } from "vitest";
import { ROUTE_LIMITS } from "../../../../test/support/route-limits.ts";
import type { RouteSpec } from "../../../domain/stack/kinds/route.ts";
import { routeConfig } from "./route-config.ts";

const SPEC: RouteSpec = {
  hosts: ["central.nordwind.localhost"],
  node: "odoo-web",
  port: 8069,
  paths: [
    { prefix: "/websocket", node: "odoo-websocket", port: 8072, stays: true },
    { prefix: "/json/2", node: "odoo-integration", port: 8069, calls: true },
  ],
  closedPaths: ["/web/database"],
  limits: ROUTE_LIMITS,
  ownsSubdomains: true,
};
const HOST = "(Host(`central.nordwind.localhost`))";
const KEY = "central-production-route";

interface Config {
  readonly http: {
    readonly routers: Record<string, { rule: string; priority: number; service: string; middlewares: string[]; tls: object }>;
    readonly middlewares: Record<string, object>;
    readonly services: Record<string, { loadBalancer: { servers: unknown } }>;
  };
}

function configOf(spec: RouteSpec): Config["http"] {
  return (routeConfig("central/production/route", spec, (name) => `${name}.production.central`) as Config).http;
}

/** What is asked first, and by which middlewares: the order in which the ingress looks at the rules. */
function inOrder(spec: RouteSpec) {
  const routers = Object.values(configOf(spec).routers).sort((one, other) => other.priority - one.priority);
  return routers.map(({ rule, middlewares }) => [rule.replace(`${HOST} && `, ""), middlewares.map((name) => name.replace(`${KEY}-`, ""))]);
}

test("what is closed, too large or of unsaid length is refused before anything answers; every answering rule counts", () => {
  const noLength =
    "!HeaderRegexp(`Content-Length`, `.`) && (Method(`POST`) || Method(`PUT`) || Method(`PATCH`) || HeaderRegexp(`Content-Type`, `(?i)^(multipart/|application/x-www-form)`))";
  expect(inOrder(SPEC)).toEqual([
    ["(PathPrefix(`/web/database`) || PathRegexp(`^(/[^/]+)?/(web/database)(/|$)`))", ["headers", "closed"]],
    [expect.stringMatching(/^HeaderRegexp\(`Content-Length`, /), ["headers", "oversized"]],
    [noLength, ["headers", "unmeasured"]],
    [
      expect.stringMatching(/^PathRegexp\(`\^\(\/\[\^\/\]\+\)\?\/\(web\/login\|json\/2\)\(\/\|\$\)`\) && HeaderRegexp/),
      ["headers", "oversized"],
    ],
    [
      "PathRegexp(`^(/[^/]+)?/(web/login)(/|$)`) && (!(Method(`GET`) || Method(`HEAD`)) || HeaderRegexp(`Content-Type`, `(?i)^application/json`))",
      ["headers", "logins", "logins-at-once"],
    ],
    ["PathRegexp(`^(/[^/]+)?/(report/pdf)(/|$)`)", ["headers", "reports", "reports-at-once"]],
    ["PathPrefix(`/websocket`)", ["headers", "requests"]],
    ["PathPrefix(`/json/2`)", ["headers", "calls", "calls-at-once"]],
    ["Host(`central.nordwind.localhost`)", ["headers", "requests", "at-once"]],
  ]);
});

test("a path leads to the process that answers it", () => {
  const { routers, services } = configOf(SPEC);
  const url = (router: string) => services[routers[router]?.service ?? ""]?.loadBalancer.servers;
  expect(url(KEY)).toEqual([{ url: "http://odoo-web.production.central:8069" }]);
  expect(url(`${KEY}-logins`)).toEqual(url(KEY));
  expect(url(`${KEY}-path0`)).toEqual([{ url: "http://odoo-websocket.production.central:8072" }]);
  expect(url(`${KEY}-path1`)).toEqual([{ url: "http://odoo-integration.production.central:8069" }]);
});

test("clients are counted by the address that they come from; half of what a minute allows may come at once", () => {
  const client = { sourceCriterion: { ipStrategy: { ipv6Subnet: 64 } } };
  const { middlewares } = configOf(SPEC);
  const limits = ["requests", "at-once", "calls", "calls-at-once", "logins", "logins-at-once", "reports", "reports-at-once"].map(
    (name) => middlewares[`${KEY}-${name}`],
  );
  expect(limits).toEqual([
    { rateLimit: { average: 600, period: "60s", burst: 300, ...client } },
    { inFlightReq: { amount: 40, ...client } },
    { rateLimit: { average: 5, period: "1s", burst: 150, ...client } },
    { inFlightReq: { amount: 20, ...client } },
    { rateLimit: { average: 10, period: "60s", burst: 5, ...client } },
    { inFlightReq: { amount: 4, ...client } },
    { rateLimit: { average: 60, period: "60s", burst: 30, ...client } },
    { inFlightReq: { amount: 3, ...client } },
  ]);
});

test("browsers are told to come by HTTPS, to guess no types and to be framed by nobody else; no header chooses the database", () => {
  const headers = (spec: RouteSpec) => configOf(spec).middlewares[`${KEY}-headers`];
  const told = {
    customRequestHeaders: { "X-Odoo-Database": "" },
    customResponseHeaders: { Server: "", "X-Powered-By": "" },
    stsSeconds: 31_536_000,
    contentTypeNosniff: true,
    referrerPolicy: "strict-origin-when-cross-origin",
    customFrameOptionsValue: "SAMEORIGIN",
  };
  expect(headers(SPEC)).toEqual({ headers: { ...told, stsIncludeSubdomains: true } });
  expect(headers({ ...SPEC, ownsSubdomains: false })).toEqual({ headers: { ...told, stsIncludeSubdomains: false } });
});

test("by ACME one router of a host asks for its certificate, and all of them show the fallback until then", () => {
  const tls = (spec: RouteSpec) => Object.entries(configOf(spec).routers).map(([name, router]) => [name, router.tls] as const);
  for (const [name, settings] of tls({ ...SPEC, acme: true })) {
    expect([name, settings]).toEqual([name, { options: `${KEY}@file`, ...(name === KEY ? { certResolver: "acme" } : {}) }]);
  }
  expect(new Set(tls(SPEC).map(([, settings]) => JSON.stringify(settings)))).toEqual(new Set(["{}"]));
});
