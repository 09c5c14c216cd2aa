import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadFleet } from "../fleet/load.ts";
import type { Environment, LoadedFleet } from "../fleet/model.ts";
import { type AnyNode, nameOf, type Stack, stackOf } from "../stack/node.ts";
import { stackWaves } from "../stack/order.ts";
import { type Compiled, compile } from "./compile.ts";
import { templateModules } from "./template-modules.ts";

function load(example: string): LoadedFleet {
  const text = readFileSync(join(import.meta.dirname, "../../../examples", example, "fleet.yaml"), "utf8");
  const loaded = loadFleet([{ path: "fleet.yaml", text }], { today: "2026-11-22" });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.value;
}

function compiled(example: string): Compiled {
  const result = compile(load(example), { images: {}, ingress: { address: "127.0.0.1", port: 8443 }, certificateGeneration: 1 });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}

function stack(fleet: Compiled, id: string): Stack {
  const found = fleet.stacks.get(id);
  if (found === undefined) throw new Error(`no stack ${id}`);
  return found;
}

function node<K extends AnyNode["kind"]>(of: Stack, name: string, kind: K): Extract<AnyNode, { kind: K }> {
  const found = of.nodes.find((one) => nameOf(one.id) === name && one.kind === kind);
  if (found === undefined) throw new Error(`no ${kind} ${name} in ${of.id}`);
  return found as Extract<AnyNode, { kind: K }>;
}

const NORDWIND = compiled("regional-distributor");

describe("an isolated environment", () => {
  const central = stack(NORDWIND, "central/production");

  test("has servers of its own, a container for each role, and shares only the way in", () => {
    expect(central.nodes.filter((one) => one.kind !== "secret").map((one) => `${one.kind} ${nameOf(one.id)}`)).toEqual([
      "boundary boundary",
      "volume data",
      "postgres postgres",
      "volume replica-data",
      "replica postgres-replica",
      "pooler pooler",
      "redis redis",
      "template template",
      "database database",
      "filestore filestore",
      "keyspace keyspace",
      "egress egress",
      "odoo odoo-web",
      "odoo odoo-websocket",
      "odoo odoo-cron",
      "odoo odoo-jobs",
      "odoo odoo-report",
      "odoo odoo-integration",
      "route route",
    ]);
    const elsewhere = central.nodes.flatMap((one) => one.uses.map((edge) => edge.to)).filter((id) => stackOf(id) !== central.id);
    expect(elsewhere).toEqual(["platform/here/ingress"]);
  });

  test("that may lose nothing writes no byte before its replica follows", () => {
    expect(node(central, "postgres-replica", "replica").spec.mode).toBe("synchronous");
    expect(node(central, "database", "database").uses).toContainEqual({ to: "central/production/postgres-replica", as: "data" });
  });

  test("sends what listens, and what reports call back, to processes of their own", () => {
    expect(node(central, "route", "route").spec.paths).toEqual([
      { prefix: "/websocket", node: "odoo-websocket", port: 8072, stays: true },
      { prefix: "/json/2", node: "odoo-integration", port: 8069, calls: true },
    ]);
    expect(node(central, "database", "database").spec.reportUrl).toBe("http://odoo-report:8069");
  });

  test("goes through the pooler except where it listens or keeps a transaction open", () => {
    const servers = central.nodes
      .filter((one) => one.kind === "odoo")
      .map((one) => `${nameOf(one.id)} ${nameOf(one.uses.find((edge) => edge.as === "sql")?.to ?? "")}`);
    expect(servers).toEqual([
      "odoo-web pooler",
      "odoo-websocket postgres",
      "odoo-cron postgres",
      "odoo-jobs postgres",
      "odoo-report pooler",
      "odoo-integration pooler",
    ]);
  });
});

describe("queued jobs", () => {
  test("have their module in the template of who runs them, and in no other", () => {
    const modules = (id: string) => node(stack(NORDWIND, id), "template", "template").spec.modules;
    expect(["central/production", "central/staging", "pool/subsidiaries"].map((id) => modules(id).includes("queue_job"))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("of one who shares bring their module into the template of the pool", () => {
    const [{ sizes }] = load("regional-distributor").fleet.tenants.flatMap((tenant) => tenant.environments) as [Environment];
    const busy = { sizes: { ...sizes, jobs: { ...sizes.jobs, slots: 1 } } };
    expect(templateModules(["stock"], [{ sizes }, busy])).toEqual(["queue_job", "stock"]);
    expect(templateModules(["stock"], [{ sizes }])).toEqual(["stock"]);
  });
});

describe("an environment outside production", () => {
  const staging = stack(NORDWIND, "central/staging");

  test("is neutralised, its mail is caught, and nothing of production's is used", () => {
    expect(node(staging, "database", "database").spec).toMatchObject({ neutralised: true, mailTo: { host: "mailbox", port: 1025 } });
    const elsewhere = staging.nodes.flatMap((one) => one.uses.map((edge) => edge.to)).filter((id) => stackOf(id) !== staging.id);
    expect(elsewhere).toEqual(["platform/here/ingress"]);
  });
});

describe("a quota", () => {
  test("is a quota around every process of its environment, and its connections bound the role", () => {
    const kiel = stack(NORDWIND, "kiel/production");
    expect(node(kiel, "quota", "quota").spec).toEqual({ memoryMiB: 1024, cpus: 1, cpuShares: 1024 });
    expect(node(kiel, "odoo", "odoo").uses).toContainEqual({ to: "kiel/production/quota", as: "inside" });
    expect(node(kiel, "database", "database").spec.connectionLimit).toBe(37);
  });
});

describe("a dedicated environment", () => {
  test("of an old series runs on its own machine, and its carriers call back to processes of their own", () => {
    const fleet = compiled("third-party-logistics");
    expect([...fleet.stacks.keys()]).toEqual(["platform/depot", "stauraum/production"]);
    expect(node(stack(fleet, "stauraum/production"), "route", "route").spec.paths).toEqual([
      { prefix: "/longpolling", node: "odoo-websocket", port: 8072, stays: true },
      { prefix: "/webhook/gls", node: "odoo-integration", port: 8069, calls: true },
    ]);
  });
});

describe("a fleet that mixes hosting", () => {
  test("brings up pools and isolated environments side by side, and those who share after them", () => {
    expect(stackWaves([...NORDWIND.stacks.values()]).map((wave) => [...wave].sort())).toEqual([
      ["platform/here", "pool/subsidiaries"],
      ["bremen/production", "central/production", "central/staging", "hamburg/production", "kiel/production"],
    ]);
  });
});

test("on a server that several share no statement takes of the shared memory that it has once; on a server of its own it may", () => {
  const databases = [...NORDWIND.stacks.values()].flatMap(({ nodes }) => nodes.filter((one) => one.kind === "database"));
  const divided = databases.map(({ uses, spec }) => {
    const server = uses.find((edge) => edge.as === "sql")?.to ?? "";
    return [server.startsWith("pool/"), (spec as { settings: object }).settings];
  });
  expect(new Set(divided.map(([shared]) => shared))).toEqual(new Set([true, false]));
  for (const [shared, settings] of divided) {
    const more = shared === true ? { max_parallel_workers_per_gather: "0", max_parallel_maintenance_workers: "0" } : {};
    expect(settings).toEqual({ temp_file_limit: "4GB", ...more });
  }
});
