import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import { type SimulatedPlane, simulatedPlane } from "../../../test/support/simulated-plane.ts";
import { createWorld } from "../../engines/memory/world.ts";
import { countUp, generationsIn } from "./rotation.ts";

const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");
// A Sunday night: the window is open.
const now = () => Date.parse("2026-11-22T02:30:00Z");
const made: string[] = [];
let server: TestServer;
let simulated: SimulatedPlane;

beforeAll(async () => {
  server = await testServer();
  const ownSecrets = {
    "api-token": async () => void made.push("api-token"),
    "sealing-key": async () => {
      throw new Error("the disk is full");
    },
  };
  const connectionString = await server.database("rotated");
  simulated = await simulatedPlane({ connectionString, fleet: "hello", world: createWorld({ now: now() }), now, ownSecrets });
  await simulated.plane.start({ verb: "apply", id: "op-begin", actor: "anna", files: [{ path: "fleet.yaml", text: HELLO }] });
  await simulated.ended("op-begin");
});
afterAll(async () => {
  await simulated.close();
  await server.stop();
});

const rotate = (id: string, only: string[]) => simulated.plane.start({ verb: "rotate", id, actor: "anna", only });

test("an operation counts once, however often it is asked for, and what the control plane keeps for itself is recreated once", async () => {
  const only = ["role-password", "api-token"];
  const asked = await Promise.all([rotate("op-one", only), rotate("op-one", only)]);
  expect(asked.map((one) => one.id)).toEqual(["op-one", "op-one"]);
  expect(await simulated.ended("op-one")).toBe("done");
  await rotate("op-one", only);
  expect((await generationsIn(simulated.store)).of).toEqual({ "acme/production/role-password": 2 });
  await rotate("op-two", ["role-password"]);
  expect(await simulated.ended("op-two")).toBe("done");
  expect([(await generationsIn(simulated.store)).of, made]).toEqual([{ "acme/production/role-password": 3 }, ["api-token"]]);
});

test("one that fails before its work begins is ended as failed, and holds up nobody", async () => {
  await expect(rotate("op-broken", ["sealing-key"])).rejects.toThrow("the disk is full");
  expect((await simulated.plane.operation("op-broken"))?.state).toBe("failed");
  await rotate("op-after", ["api-key"]);
  expect(await simulated.ended("op-after")).toBe("done");
});

test("rotations that count at once all count, each once, whatever is taken up again and in whichever order", async () => {
  const { of: before } = await generationsIn(simulated.store);
  const nodes = ["acme/production/role-password", "acme/production/api-key"];
  const counts = () =>
    Promise.all(Array.from({ length: 8 }, (_, index) => countUp(simulated.store, `op-side-${index}`, [nodes[index % 2] as string])));
  await counts();
  // As the next process takes them up.
  await counts();
  const { of: after } = await generationsIn(simulated.store);
  expect(nodes.map((node) => (after[node] ?? 1) - (before[node] ?? 1))).toEqual([4, 4]);
});
