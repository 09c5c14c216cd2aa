import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import { type SimulatedPlane, simulatedPlane } from "../../../test/support/simulated-plane.ts";
import { createWorld } from "../../engines/memory/world.ts";

const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");
const ACME = HELLO.slice(HELLO.lastIndexOf("---\n"));
const POOL = "---\napiVersion: ballast.dev/v1alpha1\nkind: Pool\nmetadata: { name: second }\n";
const GLOBEX = ACME.replace("name: acme", "name: globex").replace("pool: everyone", "pool: second");
const BOTH = HELLO + POOL + GLOBEX;
const OPEN = Date.parse("2026-11-28T02:00:00Z");
const NOON = Date.parse("2026-11-23T12:00:00Z");
const files = (text: string) => [{ path: "fleet.yaml", text }];

const world = createWorld({ now: OPEN });
let clock = OPEN;
let count = 0;
let server: TestServer;
let simulated: SimulatedPlane;

beforeAll(async () => {
  server = await testServer();
  const connectionString = await server.database("moves");
  simulated = await simulatedPlane({ connectionString, fleet: "hello", world, now: () => clock, machineMemoryBytes: 64 * 1024 ** 3 });
});
afterAll(async () => {
  await simulated.close();
  await server.stop();
});

async function apply(text: string, more: { override?: { reason: string }; confirmed?: string; reallyNew?: string[] } = {}) {
  const id = `op-${++count}`;
  await simulated.plane.start({ verb: "apply", id, actor: "anna", files: files(text), ...more });
  return await simulated.ended(id);
}

beforeEach(async () => {
  clock = OPEN;
  const state = await apply(BOTH);
  if (state !== "done") throw new Error(`the fleet was not brought up: ${state}`);
  clock = NOON;
});

const renamedPool = (text: string) => text.replaceAll(/(name|pool): everyone/g, "$1: all");
const renamedRegion = (text: string) => text.replace("name: here", "name: there");
const swapped = (text: string) =>
  text.replace("pool: everyone", "pool: x").replace("pool: second", "pool: everyone").replace("pool: x", "pool: second");

const MOVES: readonly { what: string; text: string; says: string }[] = [
  { what: "a renamed pool", text: renamedPool(BOTH), says: "acme/production would move from pool everyone to pool all" },
  {
    what: "a renamed region",
    text: renamedRegion(BOTH),
    says: "acme/production, globex/production would move from region here to region there",
  },
  { what: "pools that are swapped", text: swapped(BOTH), says: "acme/production would move from pool everyone to pool second" },
  {
    what: "another hosting",
    text: BOTH.replace("hosting: shared, pool: everyone", "hosting: isolated"),
    says: "acme/production would move from pool everyone to servers of its own",
  },
  {
    what: "a renamed pool while the fleet is stopped",
    text: renamedPool(BOTH),
    says: "acme/production would move from pool everyone to pool all",
  },
];

test.each(MOVES)(
  "$what moves nobody: plan says so, and an apply is refused whole, whatever else is answered",
  async ({ what, text, says }) => {
    if (what.endsWith("stopped")) {
      await simulated.plane.start({ verb: "stop", id: `op-${++count}`, actor: "anna", confirmed: "hello", reason: "a test" });
      await simulated.ended(`op-${count}`);
    }
    const [before, inForce] = [[...world.objects], await simulated.store.revisionInForce()];
    const desired = await simulated.store.desired();
    const found = (await simulated.plane.plan(files(text))).findings.filter((one) => one.code === "BAL-A056");
    expect(found[0]?.message).toContain(says);
    expect(found[0]?.at).toMatch(/^fleet\.yaml:\d+:\d+$/);
    await expect(apply(text)).rejects.toThrow("BAL-A056");
    await expect(apply(text, { confirmed: "hello", override: { reason: "a new name" } })).rejects.toThrow("BAL-A056");
    await simulated.look();
    expect([await simulated.store.revisionInForce(), await simulated.store.desired()]).toEqual([inForce, desired]);
    expect([...world.objects]).toEqual(before);
    expect(await simulated.store.setting("closing")).toEqual({});
  },
);

test("a tenant that was dropped and is there still, or whose data is kept, comes back only where it was", async () => {
  const dropped = BOTH.replace(GLOBEX, "");
  expect(await apply(dropped)).toBe("held");
  const elsewhere = BOTH.replace("pool: second }", "pool: everyone }");
  await expect(apply(elsewhere)).rejects.toThrow("BAL-A056");
  clock = OPEN;
  await simulated.look();
  expect(await simulated.store.setting("closing")).toEqual({});
  await expect(apply(elsewhere)).rejects.toThrow("BAL-A056");
  expect(await apply(BOTH)).toBe("done");
});

test("a tenant that is new may go into any pool, and a pool that goes with all its tenants waits for their window", async () => {
  clock = OPEN;
  const initech = GLOBEX.replace("name: globex", "name: initech").replace("pool: second", "pool: everyone");
  expect(await apply(BOTH + initech)).toBe("done");
  clock = NOON;
  const without = (BOTH + initech).replace(POOL, "").replace(GLOBEX, "");
  expect(await apply(without)).toBe("held");
  expect(world.objects.get("pool/second/postgres")?.condition).toBe("serving");
});
