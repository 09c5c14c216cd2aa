import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compile } from "../../domain/blueprint/compile.ts";
import { loadFleet } from "../../domain/fleet/load.ts";
import { type AnyNode, type Stack, specHash } from "../../domain/stack/node.ts";
import type { Condition, Observation, ObservedNode, Seen } from "../../domain/stack/observation.ts";
import { decide } from "./decide.ts";

const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");
const CONTEXT = { images: {}, ingress: { address: "127.0.0.1", port: 8443 }, certificateGeneration: 1 };
const SHOP = "acme/production";
const SHARED = "hosting: shared, pool: everyone";

function declared(production: string): Stack {
  const text = HELLO.replace(SHARED, production);
  const loaded = loadFleet([{ path: "fleet.yaml", text }], { today: "2026-11-22" });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const compiled = compile(loaded.value, CONTEXT);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.value.stacks.get(SHOP) as Stack;
}

/** What is there of a stack: all of it, and of some processes another condition, or nothing. */
function there(stack: Stack, others: Readonly<Record<string, Condition | "absent">>): Observation {
  const nodes = new Map<string, Seen<ObservedNode>>();
  for (const node of stack.nodes) {
    const condition = others[node.id] ?? "serving";
    if (condition === "absent") nodes.set(node.id, { state: "absent", at: 0 });
    else nodes.set(node.id, { state: "present", at: 0, value: { declared: node, hash: specHash(node), condition, facts: {} } });
  }
  return { stack: stack.id, at: 0, nodes };
}

const CLOSED = {
  protectedByCalendar: true,
  window: { admitsDisruption: false, because: ["outside maintenance"] },
  nameToConfirm: "acme",
} as const;

function decided(before: Stack, after: Stack, others: Readonly<Record<string, Condition | "absent">>) {
  const { waves, held } = decide(
    { desired: after, seen: there(before, others), snapshot: CLOSED, now: 0 },
    { actor: { kind: "reconciler", name: "r" }, closing: "keep-data" },
  );
  return { done: waves.flat().map(({ verb, node }) => `${verb} ${node}`), held: held.map(({ node }) => node) };
}

const SEVERAL = `${SHARED}, sizes: { jobs: { slots: 2 } }`;
const CHANGES: readonly (readonly [string, string, string])[] = [
  ["another address", SHARED, `${SHARED}, domain: shop.hello.localhost`],
  ["another address of several processes", SEVERAL, `${SEVERAL}, domain: shop.hello.localhost`],
  ["a smaller quota", `${SHARED}, quotas: { memory: 4Gi }`, `${SHARED}, quotas: { memory: 2Gi }`],
];

describe.each(CHANGES)("while %s waits for its window", (_, from, to) => {
  const [before, after] = [declared(from), declared(to)];
  const processes = before.nodes.filter(({ kind }) => kind === "odoo").map(({ id }) => id);

  test("it is held, and nothing is done", () => {
    const { done, held } = decided(before, after, {});
    expect([held.length > 0, done.filter((one) => one.startsWith("start"))]).toEqual([true, []]);
  });

  test.each(processes)("%s is started when it stopped, and made when it is gone: it would else be down until then", (process) => {
    for (const condition of ["stopped", "absent"] as const) {
      const { done, held } = decided(before, after, { [process]: condition });
      expect(done.filter((one) => one.endsWith(` ${process}`))).toEqual([`${condition === "absent" ? "create" : "start"} ${process}`]);
      expect(held).not.toContain(process);
    }
  });
});

test("processes that a held change brings are made with it, and not before", () => {
  const { done, held } = decided(declared(SHARED), declared(SEVERAL), {});
  expect(done.filter((one) => one.includes("odoo"))).toEqual([]);
  expect(held.length).toBeGreaterThan(3);
});

/** As it is once another generation of a password is wanted: its users differ until they know it. */
function rotated(stack: Stack): Stack {
  const uses = (node: AnyNode) => node.uses.map((edge) => (edge.to.endsWith("/role-password") ? { ...edge, generation: 2 } : edge));
  return { ...stack, nodes: stack.nodes.map((node) => ({ ...node, uses: uses(node) })) };
}

test("where nothing serves a rotation closes nobody, and is done at once; an address changes in its window all the same", () => {
  const plain = declared(SHARED);
  const odoo = `${SHOP}/odoo`;
  expect(decided(plain, rotated(plain), {}).held).toEqual([`${SHOP}/database`, odoo]);
  expect(decided(plain, rotated(plain), { [odoo]: "stopped" })).toEqual({ done: [`update ${SHOP}/database`, `update ${odoo}`], held: [] });
  const moved = decided(plain, declared(`${SHARED}, domain: shop.hello.localhost`), { [odoo]: "stopped" });
  expect(moved.held).toEqual([`${SHOP}/database`, `${SHOP}/route`]);
});

test("one of several processes that is down waits for a rotation: its database would refuse the new password until then", () => {
  const several = declared(SEVERAL);
  const cron = `${SHOP}/odoo-cron`;
  const { done, held } = decided(several, rotated(several), { [cron]: "stopped" });
  expect([done.filter((one) => one.includes("odoo")), held.includes(cron)]).toEqual([[], true]);
});
