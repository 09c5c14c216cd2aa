import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import { type SimulatedPlane, simulatedPlane } from "../../../test/support/simulated-plane.ts";
import { createWorld } from "../../engines/memory/world.ts";

const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");
const DAY = 86_400_000;
let now = Date.parse("2026-11-22T12:00:00Z");
let server: TestServer;
let simulated: SimulatedPlane;

beforeAll(async () => {
  server = await testServer();
  const connectionString = await server.database("kept");
  simulated = await simulatedPlane({ connectionString, fleet: "hello", world: createWorld({ now }), now: () => now });
});
afterAll(async () => {
  await simulated.close();
  await server.stop();
});

async function count(table: string): Promise<number> {
  const { rows } = await simulated.store.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
  return rows[0]?.n as number;
}

const apply = async (id: string, text: string) => {
  await simulated.plane.start({ verb: "apply", id, actor: "anna", files: [{ path: "fleet.yaml", text }] });
  return await simulated.ended(id);
};

test("what is past goes with its parts and its telling; what was decided stays, and so does what is in force", async () => {
  await apply("op-old", HELLO);
  await apply("op-between", HELLO.replace("ops@acme", "operations@acme"));
  const decided = (await simulated.store.ledgerLines(1000)).length;
  now += 91 * DAY;
  await apply("op-new", HELLO.replace("ops@acme", "office@acme"));
  await simulated.sweep();
  expect((await simulated.plane.operations(10)).map((operation) => operation.id)).toEqual(["op-new"]);
  expect((await simulated.plane.parts("op-new")).map((part) => part.stack ?? "").sort()).toEqual([
    "acme/production",
    "platform/here",
    "pool/everyone",
  ]);
  expect([await count("operation"), await count("revision"), await count("lease")]).toEqual([4, 1, 0]);
  expect(await count("operation_event WHERE root <> 'op-new'")).toBe(0);
  expect(await count("operation_event WHERE root = 'op-new'")).toBeGreaterThan(0);
  expect((await simulated.store.ledgerLines(1000)).length).toBeGreaterThanOrEqual(decided);
});

test("of an operation with more than a thousand parts every part is told, and every decision about it", async () => {
  const at = new Date(now);
  await simulated.store.addOperation({ id: "op-wide", verb: "apply", actor: "anna", request: {}, at });
  await simulated.store.addOperation({ id: "op-wider", verb: "apply", actor: "anna", request: {}, at });
  const add = `INSERT INTO operation (id, verb, stack, parent, actor, state, request, created_at)
    SELECT 'op-wide:t' || n || '/production', 'converge', 't' || n || '/production', 'op-wide', 'anna', 'running', '{}', now() FROM generate_series(1, 1100) n`;
  await simulated.store.pool.query(add);
  const entry = (operation: string, subject: string) => ({
    actor: "anna",
    act: "operation.allow",
    subject,
    reasons: [],
    evidence: { operation },
  });
  for (let n = 1; n <= 1100; n++) await simulated.store.appendLedger(entry(`op-wide:t${n}/production`, `t${n}/production`), at);
  await simulated.store.appendLedger(entry("op-wide", "many"), at);
  await simulated.store.appendLedger(entry("op-wider", "another"), at);
  const decisions = await simulated.plane.decisions("op-wide");
  expect([(await simulated.plane.parts("op-wide")).length, decisions.length, decisions.at(-1)?.subject]).toEqual([1100, 1101, "many"]);
  await simulated.store.pool.query("UPDATE operation SET state = 'done', finished_at = now() WHERE id LIKE 'op-wide%'");
});

test("an operation whose steps are forgotten is not done again when the same is asked again", async () => {
  await apply("op-again", HELLO);
  const before = await count("dbos.workflow_status");
  await simulated.executor.forget(["op-again"]);
  expect(await count("dbos.workflow_status")).toBe(before - 1);
  expect(
    (await simulated.plane.start({ verb: "apply", id: "op-again", actor: "anna", files: [{ path: "fleet.yaml", text: HELLO }] })).state,
  ).toBe("done");
  expect(await count("dbos.workflow_status")).toBe(before - 1);
});

test("a workflow that ended in any way is past, also one that was taken up too often", async () => {
  const soon = { endedBefore: new Date(Date.now() + DAY), newest: 0 };
  const all = await count("dbos.workflow_status");
  for (const state of ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]) {
    await simulated.store.pool.query("UPDATE dbos.workflow_status SET status = $1", [state]);
    expect([state, (await simulated.store.pastWorkflows(soon, 1000)).length]).toEqual([state, all]);
  }
  await simulated.store.pool.query("UPDATE dbos.workflow_status SET status = 'SUCCESS'");
});

test("of ended workflows the newest keep their steps for an hour, and one that runs is never forgotten", async () => {
  const soon = { endedBefore: new Date(Date.now() + DAY), newest: 0 };
  const ended = await count("dbos.workflow_status WHERE status = 'SUCCESS'");
  await simulated.store.pool.query(
    "UPDATE dbos.workflow_status SET status = 'PENDING' WHERE workflow_uuid = (SELECT min(workflow_uuid) FROM dbos.workflow_status)",
  );
  expect((await simulated.store.pastWorkflows(soon, 1000)).length).toBe(ended - 1);
  expect(await simulated.store.pastWorkflows({ endedBefore: new Date(0), newest: 1000 }, 1000)).toEqual([]);
  await simulated.store.pool.query("UPDATE dbos.workflow_status SET status = 'SUCCESS'");
});

test("what the reconciler did, however often, pushes nothing that people did out of the history", async () => {
  const at = (seconds: number) => new Date(now + seconds * 1000);
  for (const [index, request] of [{ begunBy: "reconciler" }, { actor: { kind: "reconciler" } }, {}].entries()) {
    for (const turn of [1, 2]) {
      const id = `reconcile-${index}-${turn}`;
      await simulated.store.addOperation({ id, verb: "converge", actor: "reconciler", request, at: at(10 * turn + index) });
      await simulated.store.endOperation(id, "done", {}, at(60));
    }
  }
  const named = { begunBy: "person" };
  await simulated.store.addOperation({ id: "reconcile-by-anna", verb: "apply", actor: "anna", request: named, at: at(0) });
  await simulated.store.endOperation("reconcile-by-anna", "done", {}, at(60));
  const bound = { endedBefore: new Date(0), newest: 1000, newestOfReconciler: 2 };
  expect(await simulated.store.pastOperations(bound, 100)).toEqual(["reconcile-0-1", "reconcile-1-1", "reconcile-2-1", "reconcile-0-2"]);
  const people = await simulated.store.pastOperations({ ...bound, newest: 0, newestOfReconciler: 100 }, 100);
  expect([people.includes("reconcile-by-anna"), people.filter((id) => /^reconcile-\d/.test(id))]).toEqual([true, []]);
});
