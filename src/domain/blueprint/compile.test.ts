import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadFleet } from "../fleet/load.ts";
import type { LoadedFleet } from "../fleet/model.ts";
import { nameOf, type Stack, specHash } from "../stack/node.ts";
import { stackWaves } from "../stack/order.ts";
import { type Compiled, compile } from "./compile.ts";
import type { CompileContext } from "./context.ts";
import { postgresSettings } from "./sizing.ts";
import { productionBehind, windowOf } from "./window.ts";

const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");
const CONTEXT: CompileContext = {
  images: { "odoo-19": "ballast/odoo-19:a", postgres: "ballast/postgres:b", traefik: "ballast/traefik:c" },
  ingress: { address: "127.0.0.1", port: 8443 },
  certificateGeneration: 1,
};

function load(text: string): LoadedFleet {
  const loaded = loadFleet([{ path: "fleet.yaml", text }], { today: "2026-11-22" });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.value;
}

function compiled(text: string): Compiled {
  const result = compile(load(text), CONTEXT);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}

describe("compiling the hello fleet", () => {
  test("gives three stacks, foundations first", () => {
    const { stacks } = compiled(HELLO);
    expect([...stacks.values()].map((stack) => [stack.id, stack.nodes.map((node) => `${node.kind} ${nameOf(node.id)}`)])).toEqual([
      ["platform/here", ["boundary boundary", "authority authority", "certificate certificate", "ingress ingress"]],
      [
        "pool/everyone",
        [
          "boundary boundary",
          "secret superuser-password",
          "secret pooler-password",
          "volume data",
          "postgres postgres",
          "pooler pooler",
          "template template",
        ],
      ],
      [
        "acme/production",
        [
          "boundary boundary",
          "secret role-password",
          "secret admin-password",
          "secret master-password",
          "secret api-key",
          "database database",
          "filestore filestore",
          "odoo odoo",
          "route route",
        ],
      ],
    ]);
    expect(stackWaves([...stacks.values()])).toEqual([["platform/here", "pool/everyone"], ["acme/production"]]);
  });

  test("is deterministic: the same text gives the same hashes, and comments or moved lines change none", () => {
    const hashes = (text: string) => [...compiled(text).stacks.values()].flatMap((stack) => stack.nodes.map((node) => specHash(node)));
    expect(hashes(`# moved\n\n${HELLO}`)).toEqual(hashes(HELLO));
  });

  test("every edge ends at a node of the fleet", () => {
    const nodes = [...compiled(HELLO).stacks.values()].flatMap((stack) => stack.nodes);
    const ids = new Set(nodes.map((node) => node.id));
    expect(nodes.flatMap((node) => node.uses.filter((edge) => !ids.has(edge.to)))).toEqual([]);
  });

  test("the ephemeral clone has a name, a database and credentials of its own, is neutralised, and has no way in", () => {
    const clone = compiled(HELLO).cloneOf("acme/production");
    expect(clone?.nodes.map((node) => node.id).filter((id) => !id.startsWith("acme/production~journey/"))).toEqual([]);
    expect(clone?.nodes.some((node) => node.kind === "route")).toBe(false);
    const database = clone?.nodes.find((node) => node.kind === "database");
    expect(database?.spec).toMatchObject({ name: "acme_production_journey", role: "acme_production_journey", neutralised: true });
    expect(compiled(HELLO).cloneOf("pool/everyone")).toBeUndefined();
  });

  test("the clone begins with the data of its environment, which itself begins with the template's", () => {
    const source = (stack: Stack | undefined) => stack?.nodes.find((node) => node.kind === "database")?.spec.source;
    expect(source(compiled(HELLO).cloneOf("acme/production"))).toEqual({
      kind: "snapshot",
      of: "acme/production/database",
      mostBytes: 2 * 1024 ** 3,
    });
    expect(source(compiled(HELLO).stacks.get("acme/production"))).toBeUndefined();
  });

  test("one wildcard is there before the first tenant, one more for each tenant with other environments", () => {
    const shared = "production: { hosting: shared, pool: everyone }";
    const names = (text: string) =>
      compiled(text)
        .stacks.get("platform/here")
        ?.nodes.find((node) => node.kind === "certificate")?.spec.names;
    expect(names(HELLO)).toEqual(["*.hello.localhost", "hello.localhost"]);
    expect(names(HELLO.replace(shared, `${shared}, staging: { hosting: shared, pool: everyone }`))).toEqual([
      "*.acme.hello.localhost",
      "*.hello.localhost",
      "hello.localhost",
    ]);
  });
});

describe("what this version cannot make real", () => {
  test("is refused by name and place, all of it at once", () => {
    const text = HELLO.replace("engine: { docker: {} }", "engine: { kubernetes: { context: prod } }")
      .replace("metadata: { name: everyone }", 'metadata: { name: everyone }\nspec: { series: "17.0" }')
      .replace("{ hosting: shared, pool: everyone }", "{ hosting: dedicated, region: here }");
    const result = compile(load(text), CONTEXT);
    expect(result.ok ? [] : result.problems.map((problem) => `${problem.code} ${problem.message}`)).toEqual([
      "BAL-B003 region/here: engine kubernetes cannot be used by this version yet; docker can",
      "BAL-B002 pool/everyone: Odoo 17.0 cannot be run by this version yet: there is no image of it; there are images of 14.0 and 19.0",
      "BAL-B001 acme/production: hosting dedicated needs the machine of region here for itself, and pool/everyone runs there too; isolated shares the machine and nothing else",
    ]);
  });

  test("of files that are in force only what leaves a part out of the graph makes them unreadable", () => {
    const neighbour = HELLO.replace("{ hosting: shared, pool: everyone }", "{ hosting: dedicated, region: here }");
    expect([compile(load(neighbour), CONTEXT).ok, compile(load(neighbour), CONTEXT, { accepted: true }).ok]).toEqual([false, true]);
    const imageless = HELLO.replace("metadata: { name: everyone }", 'metadata: { name: everyone }\nspec: { series: "17.0" }');
    expect(compile(load(imageless), CONTEXT, { accepted: true }).ok).toBe(false);
  });
});

describe("sizes", () => {
  test("PostgreSQL's memory is shared out by the manual's rules", () => {
    expect(postgresSettings(1024, 100)).toMatchObject({
      max_connections: "100",
      shared_buffers: "256MB",
      effective_cache_size: "768MB",
      work_mem: "25MB",
      maintenance_work_mem: "64MB",
    });
  });

  test("what processes share is not bounded by the 64 MiB of /dev/shm that a container has", () => {
    expect(postgresSettings(1024, 100)).toMatchObject({ dynamic_shared_memory_type: "mmap" });
  });
});

describe("windows", () => {
  const loaded = load(HELLO);
  const behind = productionBehind(loaded, compiled(HELLO).stacks);

  test("a pool and the ingress are felt by every production environment that uses them", () => {
    for (const stack of ["acme/production", "pool/everyone", "platform/here"]) {
      expect(behind.get(stack)?.map((environment) => environment.address)).toEqual(["acme/production"]);
    }
    expect(behind.get("acme/production~journey")).toBeUndefined();
  });

  test("on a Sunday noon the next opening is Saturday night, in the zone of the calendar", () => {
    const state = windowOf(loaded.fleet.calendars, Date.parse("2026-11-22T12:00:00Z"));
    expect([state?.admitsDisruption, state?.nextOpenText]).toEqual([false, "Sat 02:00 CET"]);
    expect(windowOf(loaded.fleet.calendars, Date.parse("2026-11-22T02:00:00Z"))?.admitsDisruption).toBe(true);
    expect(windowOf([], 0)).toBeUndefined();
  });
});
