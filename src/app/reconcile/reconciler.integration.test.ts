import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "../../../test/support/api.ts";
import { fleetText } from "../../../test/support/churn.ts";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import { hangingEngine } from "../../../test/support/hanging-engine.ts";
import { type SimulatedPlane, simulatedPlane } from "../../../test/support/simulated-plane.ts";
import { createWorld } from "../../engines/memory/world.ts";

const TENANTS = 48;
const HUNG = [0, 1, 2, 3, 4].map(stackAt);
const FLEET = fleetText(
  Array.from({ length: TENANTS }, (_, index) => `t${index}`),
  {},
  "many",
);
const now = () => Date.parse("2026-11-22T12:00:00Z");
const world = createWorld({ now: now() });
const watched: string[] = [];
const probe = { hangs: false, gate: Promise.withResolvers<void>() };
const hanging = hangingEngine();
let server: TestServer;
let simulated: SimulatedPlane;

function stackAt(index: number): string {
  return `t${index}/production`;
}

function odooOf(stack: string) {
  return world.objects.get(`${stack}/odoo`)?.condition;
}

function stopAll(): void {
  for (let index = 0; index < TENANTS; index++) {
    const id = `${stackAt(index)}/odoo`;
    const object = world.objects.get(id);
    if (object !== undefined) world.objects.set(id, { ...object, condition: "stopped" });
  }
}

function inCondition(condition: string): readonly string[] {
  return Array.from({ length: TENANTS }, (_, index) => stackAt(index)).filter((stack) => odooOf(stack) === condition);
}

/** Waits for all stacks but those that hang, while passes go on as they do. */
async function othersServe(): Promise<void> {
  await eventually("the repair of the others", 120, async () => {
    await simulated.reconciler.pass();
    return inCondition("serving").length === TENANTS - HUNG.length ? true : undefined;
  });
}

beforeAll(async () => {
  server = await testServer();
  simulated = await simulatedPlane({
    connectionString: await server.database("side_by_side"),
    fleet: "many",
    world,
    now,
    engine: (engine) => hanging.around(engine),
    watchers: [
      {
        name: "probe",
        async look({ stack }) {
          watched.push(stack.id);
          if (probe.hangs) await probe.gate.promise;
        },
      },
    ],
  });
  await simulated.plane.start({ verb: "apply", id: "op-begin", actor: "anna", files: [{ path: "fleet.yaml", text: FLEET }] });
  const state = await simulated.ended("op-begin");
  if (state !== "done") throw new Error(`the fleet was not made: ${state}`);
});
afterAll(async () => {
  await simulated.close();
  await server.stop();
});
beforeEach(async () => {
  await simulated.look();
  if (inCondition("serving").length !== TENANTS) throw new Error("the test before left something down");
});

test("five stacks that hang while they are repaired keep no other down, and are repaired themselves once they answer", async () => {
  for (const stack of HUNG) hanging.apply.add(stack);
  stopAll();
  await othersServe();
  expect(inCondition("stopped")).toEqual(HUNG);
  hanging.release();
  await simulated.reconciler.settled();
  expect(inCondition("stopped")).toEqual([]);
});

test("five stacks that do not even answer a look keep no other down, are not asked again meanwhile, and nothing is done to them", async () => {
  for (const stack of HUNG) hanging.observe.add(stack);
  stopAll();
  hanging.asked.clear();
  await othersServe();
  await simulated.reconciler.pass();
  expect(inCondition("stopped")).toEqual(HUNG);
  expect(HUNG.map((stack) => [hanging.asked.get(`observe ${stack}`), hanging.asked.get(`apply ${stack}`)])).toEqual(
    HUNG.map(() => [1, undefined]),
  );
  hanging.release();
  await simulated.reconciler.settled();
  await simulated.look();
  expect(inCondition("stopped")).toEqual([]);
});

test("an operation that hangs on one stack keeps no other from being repaired", async () => {
  const [stuck] = HUNG as [string];
  hanging.apply.add(stuck);
  const object = world.objects.get(`${stuck}/odoo`);
  if (object !== undefined) world.objects.set(`${stuck}/odoo`, { ...object, condition: "stopped" });
  await simulated.plane.start({ verb: "apply", id: "op-stuck", actor: "anna", files: [{ path: "fleet.yaml", text: FLEET }] });
  const done = (await eventually("the other parts", 60, async () => {
    const parts = (await simulated.plane.parts("op-stuck")).filter((part) => part.state !== "running");
    return parts.length >= 4 ? parts : undefined;
  })) as { stack: string }[];
  const neighbour = done.find((part) => part.stack.startsWith("t"))?.stack ?? "";
  const other = world.objects.get(`${neighbour}/odoo`);
  if (other !== undefined) world.objects.set(`${neighbour}/odoo`, { ...other, condition: "stopped" });
  expect(odooOf(neighbour)).toBe("stopped");
  await eventually("the repair of the neighbour", 60, async () => {
    await simulated.reconciler.pass();
    return odooOf(neighbour) === "serving" ? true : undefined;
  });
  expect((await simulated.plane.operation("op-stuck"))?.state).toBe("running");
  hanging.release();
  expect(await simulated.ended("op-stuck")).toBe("done");
});

test("what watches a stack is asked of each that was looked at, and one that hangs holds up no repair", async () => {
  watched.length = 0;
  probe.hangs = true;
  stopAll();
  await simulated.reconciler.pass();
  await eventually("the repair of all", 120, async () => (inCondition("serving").length === TENANTS ? true : undefined));
  await simulated.reconciler.pass();
  expect(watched.length).toBe(TENANTS + 2);
  probe.hangs = false;
  probe.gate.resolve();
  await simulated.reconciler.settled();
});

test("who stops it waits for what is being looked at, and nothing is done about what that finds", async () => {
  const [slow] = HUNG as [string];
  hanging.observe.add(slow);
  stopAll();
  hanging.apply.add(slow);
  await simulated.reconciler.pass();
  let stopped = false;
  const stopping = simulated.reconciler.stop().then(() => {
    stopped = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(stopped).toBe(false);
  hanging.asked.clear();
  hanging.release();
  await stopping;
  await simulated.reconciler.pass();
  await simulated.reconciler.settled();
  expect([odooOf(slow), hanging.asked.get(`observe ${slow}`), hanging.asked.get(`apply ${slow}`)]).toEqual([
    "stopped",
    undefined,
    undefined,
  ]);
});
