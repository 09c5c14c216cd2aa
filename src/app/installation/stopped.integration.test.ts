import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "../../../test/support/api.ts";
import { fleetText } from "../../../test/support/churn.ts";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import { hangingEngine } from "../../../test/support/hanging-engine.ts";
import { type SimulatedPlane, simulatedPlane } from "../../../test/support/simulated-plane.ts";
import { createWorld } from "../../engines/memory/world.ts";
import { failure } from "../../kernel/problem.ts";

const now = () => Date.parse("2026-11-22T02:30:00Z");
const world = createWorld({ now: now() });
const hanging = hangingEngine();
/** What images are built for, and what the engine refuses. */
const building = { gate: undefined as PromiseWithResolvers<void> | undefined, begun: 0, stacks: undefined as Error | undefined };
let server: TestServer;
let simulated: SimulatedPlane;
let plane: SimulatedPlane["plane"];
let count = 0;

beforeAll(async () => {
  server = await testServer();
  simulated = await simulatedPlane({
    connectionString: await server.database("stopped"),
    fleet: "many",
    world,
    now,
    engine: (engine) => {
      const around = hanging.around(engine);
      return {
        ...around,
        async stacks() {
          if (building.stacks !== undefined) throw building.stacks;
          return await around.stacks();
        },
        // Whatever a signal says: what was built is only seen at the end.
        async prepare() {
          building.begun += 1;
          await building.gate?.promise;
        },
      };
    },
  });
  plane = simulated.plane;
});
afterAll(async () => {
  await simulated.close();
  await server.stop();
});
beforeEach(async () => {
  Object.assign(building, { gate: undefined, begun: 0, stacks: undefined });
  const state = await simulated.ended(await apply("a"));
  if (state !== "done") throw new Error(`the fleet was not brought up: ${state}`);
  building.begun = 0;
});

async function apply(...tenants: string[]): Promise<string> {
  const id = `op-${++count}`;
  const files = [{ path: "fleet.yaml", text: fleetText(tenants, {}, "many") }];
  await plane.start({ verb: "apply", id, actor: "anna", files, confirmed: "many", reallyNew: tenants });
  return id;
}

async function stop(): Promise<string> {
  const id = `op-${++count}`;
  await plane.start({ verb: "stop", id, actor: "anna", confirmed: "many", reason: "a test" });
  return id;
}

const serving = () => [...world.objects].filter(([, object]) => object.condition === "serving").map(([id]) => id);
const odoos = () => [...world.objects.keys()].filter((id) => id.endsWith("/odoo"));
async function codes(id: string): Promise<readonly string[]> {
  const result = (await plane.operation(id))?.result as unknown as { problems: { code: string }[] } | null;
  return (result?.problems ?? []).map((one) => one.code);
}

test("an apply that builds images while the fleet is stopped ends without having started anything", async () => {
  building.gate = Promise.withResolvers();
  const applied = await apply("a", "late");
  await eventually("the building of images", 20, async () => building.begun > 0 || undefined);
  expect(await simulated.ended(await stop())).toBe("done");
  building.gate.resolve();
  expect([await simulated.ended(applied), await codes(applied)]).toEqual(["refused", ["BAL-W054"]]);
  expect([serving().filter((id) => id.endsWith("/odoo")), odoos(), await simulated.store.desired()]).toEqual([
    [],
    ["a/production/odoo"],
    "stopped",
  ]);
});

test("a stop waits for the change that is under way, and the operation makes no other one after it", async () => {
  hanging.apply.add("mid/production");
  const applied = await apply("a", "mid");
  await eventually("a change under way", 20, async () => hanging.asked.has("apply mid/production") || undefined);
  const stopped = await stop();
  await eventually("the stop of what is free", 20, async () =>
    serving().every((id) => !id.startsWith("a/production/odoo")) ? true : undefined,
  );
  expect((await plane.operation(stopped))?.state).toBe("running");
  hanging.release();
  expect(await simulated.ended(stopped)).toBe("done");
  expect(await simulated.ended(applied)).toBe("failed");
  expect(await codes(applied)).toContain("BAL-W054");
  expect(serving().filter((id) => id.endsWith("/odoo"))).toEqual([]);
});

test("a fleet that is being stopped, or is stopped, begins no journey: nothing of it is made again", async () => {
  const journey = () => plane.start({ verb: "journey", id: `op-${++count}`, actor: "anna", stack: "a/production" });
  hanging.apply.add("near/production");
  await apply("a", "near");
  await eventually("a change under way", 20, async () => hanging.asked.has("apply near/production") || undefined);
  const stopped = await stop();
  await expect(journey()).rejects.toMatchObject({ problems: [{ code: "BAL-W076" }] });
  expect((await plane.operation(stopped))?.state).toBe("running");
  hanging.release();
  expect(await simulated.ended(stopped)).toBe("done");
  const objects = [...world.objects.keys()];
  await expect(journey()).rejects.toMatchObject({ problems: [{ code: "BAL-W076", at: "a/production" }] });
  expect([[...world.objects.keys()], serving().filter((id) => id.endsWith("/odoo"))]).toEqual([objects, []]);
});

test("an apply that is taken up by the next process, after the fleet was stopped, starts nothing", async () => {
  const id = "op-admitted";
  const revision = (await simulated.store.revisionInForce()) ?? "";
  const asked = { verb: "apply", id, actor: "anna" };
  await simulated.store.addOperation({ id, verb: "apply", actor: "anna", request: { revision, asked }, at: new Date(now()) });
  expect(await simulated.ended(await stop())).toBe("done");
  await simulated.takeUpAdmitted();
  expect([await simulated.ended(id), await codes(id)]).toEqual(["refused", ["BAL-W054"]]);
  expect(serving().filter((one) => one.endsWith("/odoo"))).toEqual([]);
  expect(await simulated.ended(await apply("a"))).toBe("done");
  expect(serving()).toContain("a/production/odoo");
});

test("a deletion that ends before its first change leaves a fleet that is cared for; one that began to delete leaves it stopped", async () => {
  const remove = async () => {
    const id = `op-${++count}`;
    await plane.start({ verb: "remove", id, actor: "anna", confirmed: "many" });
    return await simulated.ended(id);
  };
  building.stacks = failure("BAL-E001", "engine", "cannot say what is here");
  expect(await remove()).toBe("failed");
  building.stacks = undefined;
  expect(await simulated.store.desired()).toBe("running");
  world.objects.set("a/production/odoo", { ...(world.objects.get("a/production/odoo") as never as object), condition: "stopped" } as never);
  await simulated.look();
  expect(world.objects.get("a/production/odoo")?.condition).toBe("serving");
  hanging.refuses = failure("BAL-E001", "a", "the disk does not answer");
  expect(await remove()).toBe("failed");
  hanging.refuses = undefined;
  expect(await simulated.store.desired()).toBe("stopped");
});
