import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadFleet } from "../fleet/load.ts";
import type { RouteSpec } from "../stack/kinds/route.ts";
import { compile } from "./compile.ts";

const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");
const IMAGES = { "odoo-19": "ballast/odoo-19:b", postgres: "ballast/postgres:c", traefik: "ballast/traefik:d" };

function routeOf(ingress: string, environment = ""): RouteSpec {
  const text = HELLO.replace("metadata: { name: hello }", `metadata: { name: hello }\nspec: { ingress: { ${ingress} } }`).replace(
    "pool: everyone }",
    `pool: everyone${environment} }`,
  );
  const loaded = loadFleet([{ path: "fleet.yaml", text }], { today: "2026-11-22" });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const compiled = compile(loaded.value, { images: IMAGES, ingress: { address: "127.0.0.1", port: 8443 }, certificateGeneration: 1 });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  const route = compiled.value.stacks.get("acme/production")?.nodes.find((node) => node.kind === "route");
  if (route?.kind !== "route") throw new Error("no route");
  return route.spec;
}

test("a fleet that says nothing limits every client all the same", () => {
  expect(routeOf("").limits).toEqual({
    bodyBytes: 134_217_728,
    callBodyBytes: 1_048_576,
    requests: { count: 12_000, perSeconds: 60, atOnce: 200 },
    calls: { count: 3000, perSeconds: 60 },
    logins: {
      count: 120,
      perSeconds: 60,
      paths: ["/web/login", "/web/session/authenticate", "/web/session/identity", "/web/signup", "/web/reset_password"],
    },
    reports: { count: 120, perSeconds: 60, paths: ["/report/download", "/report/pdf", "/report/html", "/report/text"], atOnce: 8 },
  });
});

test("what is declared of limits is in force on every route", () => {
  const { limits } = routeOf(
    "limits: { body: 1Gi, callBody: 8Mi, requests: 500/s, requestsAtOnce: 50, logins: 30/m, calls: 50/s, reports: 600/h, reportsAtOnce: 2 }",
  );
  expect(limits).toMatchObject({
    bodyBytes: 1024 ** 3,
    callBodyBytes: 8 * 1024 ** 2,
    requests: { count: 500, perSeconds: 1, atOnce: 50 },
    calls: { count: 50, perSeconds: 1 },
    logins: { count: 30, perSeconds: 60 },
    reports: { count: 600, perSeconds: 3600, atOnce: 2 },
  });
});

test("calls and websockets without processes of their own are told from the rest all the same", () => {
  expect(routeOf("").paths).toEqual([
    { prefix: "/websocket", node: "odoo", port: 8069, stays: true },
    { prefix: "/json/2", node: "odoo", port: 8069, calls: true },
  ]);
});

test("names below a host are ours below the fleet's domain only", () => {
  expect([routeOf("").ownsSubdomains, routeOf("", ", domain: hello.localhost").ownsSubdomains]).toEqual([true, false]);
});
