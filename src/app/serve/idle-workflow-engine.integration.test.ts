import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { fleetText } from "../../../test/support/churn.ts";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import { type SimulatedPlane, simulatedPlane } from "../../../test/support/simulated-plane.ts";
import { createWorld } from "../../engines/memory/world.ts";

/** The engine looks into its queue for the last time within two seconds of its start. */
const SETTLED_MS = 4000;
const WATCHED_MS = 6000;
/** In its first minute it looks for schedules each second, and no more afterwards. */
const SCHEDULES = "schedule_id";
const now = () => Date.parse("2026-11-22T12:00:00Z");
let server: TestServer;
let simulated: SimulatedPlane;

beforeAll(async () => {
  server = await testServer();
  const world = createWorld({ now: now() });
  simulated = await simulatedPlane({ connectionString: await server.database("idle"), fleet: "idle", world, now });
});
afterAll(async () => {
  await simulated.close();
  await server.stop();
});

async function questionsWithin(milliseconds: number): Promise<readonly string[]> {
  const asked = vi.spyOn(pg.Client.prototype, "query");
  await sleep(milliseconds);
  const questions = asked.mock.calls.map(([question]: readonly unknown[]) =>
    typeof question === "string" ? question : (question as { readonly text: string }).text,
  );
  asked.mockRestore();
  return questions.filter((text) => !text.includes(SCHEDULES));
}

test("a workflow engine that has nothing to do asks the store nothing for seconds, and takes what it is then given", async () => {
  await sleep(SETTLED_MS);
  expect(await questionsWithin(WATCHED_MS)).toEqual([]);
  const files = [{ path: "fleet.yaml", text: fleetText(["t0"], {}, "idle") }];
  await simulated.plane.start({ verb: "apply", id: "op-first", actor: "anna", files });
  expect(await simulated.ended("op-first")).toBe("done");
});
