import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../../../test/support/api.ts";
import { fleetText } from "../../../test/support/churn.ts";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import { type SimulatedPlane, simulatedPlane } from "../../../test/support/simulated-plane.ts";
import { KINDS } from "../../domain/stack/kinds/facts.ts";
import { createWorld } from "../../engines/memory/world.ts";

const now = () => Date.parse("2026-11-22T02:30:00Z");
const world = createWorld({ now: now() });
const SLOW = "slow/production/odoo";
/** What hangs, whatever its signal says, and how many attempts on it act side by side. */
const slow = { gate: Promise.withResolvers<void>(), hangs: true, acting: 0, most: 0 };
let server: TestServer;
let simulated: SimulatedPlane;

beforeAll(async () => {
  // A step is bounded by 60 s and twenty times what its kind usually takes: here that gives three seconds.
  for (const facts of Object.values(KINDS)) Object.assign(facts, { usualSeconds: -2.85, longerSeconds: undefined });
  server = await testServer();
  simulated = await simulatedPlane({
    connectionString: await server.database("given_up"),
    fleet: "many",
    world,
    now,
    engine: (engine) => ({
      ...engine,
      async apply(change, context) {
        if (change.node !== SLOW || !slow.hangs) return await engine.apply(change, context);
        slow.acting += 1;
        slow.most = Math.max(slow.most, slow.acting);
        await slow.gate.promise;
        slow.acting -= 1;
        return await engine.apply(change, context);
      },
    }),
  });
});
afterAll(async () => {
  await simulated.close();
  await server.stop();
});

const apply = async (id: string) =>
  await simulated.plane.start({ verb: "apply", id, actor: "anna", files: [{ path: "fleet.yaml", text: fleetText(["slow"], {}, "many") }] });
const holder = async () => (await simulated.store.leaseOf("slow/production"))?.operation;

test("an attempt that was given up acts alone: no other one begins beside it, and its stack is kept until it has ended", {
  timeout: 120_000,
}, async () => {
  await apply("op-slow");
  const told = await eventually("the end of the attempts", 90, async () =>
    (await simulated.plane.events("op-slow", 0)).find((event) => event.text.startsWith("waits for a change that was given up")),
  );
  expect([told.subject, await holder(), slow.acting, slow.most]).toEqual(["slow/production", "op-slow:slow/production", 1, 1]);
  expect((await simulated.plane.operation("op-slow"))?.state).toBe("running");
  slow.hangs = false;
  slow.gate.resolve();
  expect([await simulated.ended("op-slow"), await holder(), slow.acting]).toEqual(["failed", undefined, 0]);
  await apply("op-next");
  expect(await simulated.ended("op-next")).toBe("done");
});
