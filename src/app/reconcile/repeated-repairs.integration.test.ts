import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import { type SimulatedPlane, simulatedPlane } from "../../../test/support/simulated-plane.ts";
import type { Edit, Observation } from "../../domain/stack/observation.ts";
import { createWorld } from "../../engines/memory/world.ts";

const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");
const DATABASE = "acme/production/database";
const MINUTE = 60_000;
let now = Date.parse("2026-11-22T12:00:00Z");
/** What somebody has set by SQL, until it is put back. */
let set: Edit | undefined;
let server: TestServer;
let simulated: SimulatedPlane;

function withEdits(seen: Observation): Observation {
  const observation = seen.nodes.get(DATABASE);
  if (set === undefined || observation?.state !== "present") return seen;
  return { ...seen, nodes: new Map([...seen.nodes, [DATABASE, { ...observation, value: { ...observation.value, edits: [set] } }]]) };
}

beforeAll(async () => {
  server = await testServer();
  simulated = await simulatedPlane({
    connectionString: await server.database("again_and_again"),
    fleet: "hello",
    world: createWorld({ now }),
    now: () => now,
    engine: (engine) => ({
      ...engine,
      observe: async (stack) => withEdits(await engine.observe(stack)),
      survey: (stacks) => stacks.map(async (stack) => withEdits(await engine.observe(stack))),
      async apply(change, context) {
        if (change.node === DATABASE) set = undefined;
        return await engine.apply(change, context);
      },
    }),
  });
  await simulated.plane.start({ verb: "apply", id: "op-begin", actor: "anna", files: [{ path: "fleet.yaml", text: HELLO }] });
  const state = await simulated.ended("op-begin");
  if (state !== "done") throw new Error(`the fleet was not made: ${state}`);
});
afterAll(async () => {
  await simulated.close();
  await server.stop();
});

/** Sets the same again and again, and looks each time. Returns how much was begun, and how much the ledger was told. */
async function again(edit: Edit, times: number): Promise<readonly [number, number]> {
  const before = [(await simulated.plane.operations(1000)).length, (await simulated.store.ledgerLines(1000)).length] as const;
  for (let time = 0; time < times; time++) {
    now += MINUTE / 6;
    set = edit;
    await simulated.look();
    await simulated.look();
  }
  const after = [(await simulated.plane.operations(1000)).length, (await simulated.store.ledgerLines(1000)).length] as const;
  return [after[0] - before[0], after[1] - before[1]];
}

test("what a tenant sets by SQL again and again is put right a few times, then left and said, and fills neither the history nor the ledger", async () => {
  const [operations, lines] = await again(
    { field: "setting work_mem", made: undefined, found: "set", repair: "live", rests: "settings" },
    60,
  );
  // 60 times within ten minutes: three at once, then after 1, 2, 4 minutes.
  expect(operations).toBe(6);
  expect(lines).toBeLessThanOrEqual(12);
  const status = async () => (await simulated.plane.status()).stacks.find(({ stack }) => stack === "acme/production");
  expect(await status()).toMatchObject({
    state: "degraded",
    because: [expect.stringContaining(`${DATABASE} settings of somebody's own was put right 6 times in a day and comes back`)],
    drift: [{ node: DATABASE, kind: "edited" }],
  });
  set = undefined;
  await simulated.look();
  expect((await status())?.state).toBe("serving");
});

test("rights that a role got are put right each time, and told when it happened twice as often", async () => {
  const [operations, lines] = await again({ field: "rights of the role", made: "none", found: "CREATEDB", repair: "live" }, 40);
  expect(operations).toBe(40);
  // The 1st, 2nd, 4th, 8th, 16th and 32nd time: that it came, what was decided, and that it went.
  expect(lines).toBe(18);
});
