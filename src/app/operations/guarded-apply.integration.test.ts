import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import { type SimulatedPlane, simulatedPlane } from "../../../test/support/simulated-plane.ts";
import { createWorld } from "../../engines/memory/world.ts";
import { ProblemError } from "../../kernel/problem.ts";

const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");
const now = () => Date.parse("2026-11-22T12:00:00Z");
const world = createWorld({ now: now() });
let server: TestServer;
let simulated: SimulatedPlane;
let plane: SimulatedPlane["plane"];

beforeAll(async () => {
  server = await testServer();
  const connectionString = await server.database("guarded");
  simulated = await simulatedPlane({
    connectionString,
    fleet: "hello",
    world,
    now,
    machineMemoryBytes: 8 * 1024 ** 3,
  });
  plane = simulated.plane;
});
afterAll(async () => {
  await simulated.close();
  await server.stop();
});

const files = (text: string) => [{ path: "fleet.yaml", text }];
const apply = (id: string, text: string) => plane.start({ verb: "apply", id, actor: "anna", files: files(text) });

test("whoever applies a fleet that a guardrail refuses is told why, nothing is begun, and a plan shows the same", async () => {
  const text = HELLO.replace("pool: everyone }", "pool: everyone, sizes: { web: { processes: 4 } } }");
  const refused = await apply("op-refused", text).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ProblemError);
  expect((refused as ProblemError).problems.map((problem) => `${problem.severity} ${problem.code} ${problem.at}`)).toEqual([
    "error BAL-P011 fleet.yaml:30:19",
  ]);
  expect(await plane.operation("op-refused")).toBeUndefined();
  expect((await plane.plan(files(text))).findings.map((finding) => finding.code)).toEqual(["BAL-P011"]);
});

test("an operation's decisions are read back from the ledger, its own and those of its parts", async () => {
  await apply("op-allowed", HELLO);
  await simulated.ended("op-allowed");
  const decisions = await plane.decisions("op-allowed");
  expect(decisions.map(({ actor, act, subject }) => `${actor} ${act} ${subject}`).sort()).toEqual([
    "anna operation.allow acme/production",
    "anna operation.allow platform/here",
    "anna operation.allow pool/everyone",
  ]);
  expect(await plane.decisions("op-of-nobody")).toEqual([]);
});

test("what is deleted by name stays deleted, though the reconciler looks again before the control plane ends", async () => {
  await apply("op-whole", HELLO);
  await simulated.ended("op-whole");
  expect(world.objects.size).toBeGreaterThan(0);
  await plane.start({ verb: "remove", id: "op-remove", actor: "anna", confirmed: "hello" });
  expect(await simulated.ended("op-remove")).toBe("done");
  await simulated.look();
  expect([[...world.objects.keys()], simulated.faults]).toEqual([[], []]);
});
