import { expect, test } from "vitest";
import { document, ground } from "../../../test/support/fleet-text.ts";
import type { Engine } from "../../engines/engine.ts";
import { createMemoryEngine } from "../../engines/memory/engine.ts";
import { createWorld } from "../../engines/memory/world.ts";
import { planRevision } from "./planning.ts";
import { createRevisions } from "./revisions.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");
const OWNER = "owner: { name: Ops, email: ops@a.example }, calendar: office";

async function revisionOf(tenants: number) {
  const shared = "environments: { production: { hosting: shared, pool: everyone } }";
  const text = [
    ...ground("many"),
    ...Array.from({ length: tenants }, (_, index) => document("Tenant", `tenant-${index}`, `{ ${OWNER}, ${shared} }`)),
  ].join("---\n");
  const store = { keepRevision: async () => "r", revisionFiles: async () => undefined, setting: async () => undefined };
  const contextFor = async () => ({ images: {}, ingress: { address: "127.0.0.1", port: 8443 }, certificateGeneration: 1 });
  return await createRevisions({ store, contextFor, now: () => NOW }).of([{ path: "fleet.yaml", text }]);
}

/** Which questions a plan asks of the engine. */
async function questions(engine: Engine, tenants: number): Promise<readonly string[]> {
  const asked: string[] = [];
  const counted: Engine = {
    ...engine,
    stacks: () => (asked.push("stacks"), engine.stacks()),
    observe: (stack) => (asked.push("observe"), engine.observe(stack)),
    survey: (stacks) => (asked.push("survey"), engine.survey?.(stacks) ?? []),
  };
  const plan = await planRevision({ engine: counted, closing: {}, now: NOW }, await revisionOf(tenants));
  expect(plan.stacks.length).toBe(tenants + 2);
  return asked;
}

test("a plan asks for everything at once, however many stacks there are", async () => {
  for (const tenants of [1, 40])
    expect(await questions(createMemoryEngine(createWorld({ now: NOW })), tenants)).toEqual(["stacks", "survey"]);
});

test("a stack that nobody declares and that could not be seen is said to be unknown, not equal", async () => {
  const engine: Engine = { ...createMemoryEngine(createWorld({ now: NOW })), stacks: async () => ["gone/production"] };
  const plan = await planRevision({ engine, closing: {}, now: NOW }, await revisionOf(1));
  const gone = plan.stacks.find(({ stack }) => stack === "gone/production");
  expect([gone?.role, gone?.changes, gone?.unknown.map(({ code }) => code)]).toEqual(["undeclared", [], ["BAL-W003"]]);
});
