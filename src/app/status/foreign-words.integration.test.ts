import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import { type SimulatedPlane, simulatedPlane } from "../../../test/support/simulated-plane.ts";
import type { OperationShape } from "../../api/contract/contract.ts";
import { createMemoryEngine, type MemoryFault } from "../../engines/memory/engine.ts";
import { createWorld } from "../../engines/memory/world.ts";

const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");
/** The last lines of a tenant's log, as it may write them. */
const LAST_LINES = "its words: \0\0\ud800 FATAL\u001b[2J\u202e";
const now = Date.parse("2026-11-22T12:00:00Z");
const faults: MemoryFault[] = [];
const world = createWorld({ now });
let server: TestServer;
let simulated: SimulatedPlane;

beforeAll(async () => {
  server = await testServer();
  simulated = await simulatedPlane({
    connectionString: await server.database("words"),
    fleet: "hello",
    world,
    engine: () => createMemoryEngine(world, faults),
    now: () => now,
  });
});
afterAll(async () => {
  await simulated.close();
  await server.stop();
});

const apply = async (id: string) => {
  await simulated.plane.start({ verb: "apply", id, actor: "anna", files: [{ path: "fleet.yaml", text: HELLO }] });
  return await simulated.ended(id);
};

test("whatever a tenant wrote last, the operation ends as failed with its code, can be read, and the fleet is reconciled on", async () => {
  for (let times = 0; times < 20; times++) faults.push({ verb: "apply", node: "acme/production/odoo", because: LAST_LINES });
  expect(await apply("op-1")).toBe("failed");
  const [part] = (await simulated.plane.parts("op-1")).filter((one) => one.stack === "acme/production");
  const { problems } = (part as OperationShape).result as { problems: readonly { code: string; message: string }[] };
  expect(problems.map(({ code, message }) => [code, message])).toEqual([
    ["BAL-E001", "its words: \ufffd\ufffd\ufffd FATAL\u001b[2J\u202e"],
  ]);
  expect((await simulated.plane.decisions("op-1")).length).toBeGreaterThan(0);
  expect((await simulated.plane.events("op-1", 0)).length).toBeGreaterThan(0);
  faults.length = 0;
  // Nothing is left running that would keep others waiting.
  expect((await simulated.plane.operations(50)).filter((one) => one.state === "running")).toEqual([]);
  world.objects.delete("pool/everyone/postgres");
  await expect
    .poll(
      async () => {
        await simulated.look();
        return world.objects.has("pool/everyone/postgres");
      },
      { timeout: 60_000, interval: 500 },
    )
    .toBe(true);
  expect(await apply("op-2")).toBe("done");
  expect(simulated.faults).toEqual([]);
});
