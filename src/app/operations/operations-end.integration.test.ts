import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "../../../test/support/api.ts";
import { fleetText } from "../../../test/support/churn.ts";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import { type SimulatedPlane, simulatedPlane } from "../../../test/support/simulated-plane.ts";
import { createWorld } from "../../engines/memory/world.ts";
import { ProblemError } from "../../kernel/problem.ts";

const now = () => Date.parse("2026-11-22T02:30:00Z");
const world = createWorld({ now: now() });
/** What the store and the engine refuse in a test, by the name of the verb. */
const refuses = {
  end: (_id: string, _result: string) => false,
  event: false,
  /** Written, and not confirmed: the next line of the ledger. */
  confirmation: false,
  stop: undefined as Error | undefined,
  apply: undefined as Error | undefined,
  launch: false,
  /** Each change waits for it. */
  gate: undefined as Promise<void> | undefined,
};
let tries = 0;
/** Changes that wait for the gate. */
let waiting = 0;
let server: TestServer;
let simulated: SimulatedPlane;
let plane: SimulatedPlane["plane"];

beforeAll(async () => {
  server = await testServer();
  simulated = await simulatedPlane({
    connectionString: await server.database("ends"),
    fleet: "many",
    world,
    now,
    engine: (engine) => ({
      ...engine,
      async stop(stack) {
        if (refuses.stop !== undefined) throw refuses.stop;
        await engine.stop(stack);
      },
      async apply(change, context) {
        tries += 1;
        if (refuses.apply !== undefined) throw refuses.apply;
        if (change.node.startsWith("broken/")) {
          waiting += 1;
          await refuses.gate;
        }
        return await engine.apply(change, context);
      },
    }),
    executor: (executor) => ({
      ...executor,
      stop: (request) => (refuses.launch ? Promise.reject(new Error("no room for it")) : executor.stop(request)),
      apply: (request) => (refuses.launch ? Promise.reject(new Error("no room for it")) : executor.apply(request)),
    }),
    workflowStore: (store) => ({
      ...store,
      async endOperation(id, state, result, at) {
        if (refuses.end(id, JSON.stringify(result))) throw new Error("unsupported Unicode escape sequence");
        await store.endOperation(id, state, result, at);
      },
      async appendLedger(entry, at) {
        const line = await store.appendLedger(entry, at);
        if (!refuses.confirmation) return line;
        refuses.confirmation = false;
        throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
      },
      async addEvent(event) {
        if (refuses.event) throw new Error("the events cannot be written");
        await store.addEvent(event);
      },
    }),
  });
  plane = simulated.plane;
  await apply("op-begin", "a");
  await simulated.ended("op-begin");
});
afterAll(async () => {
  await simulated.close();
  await server.stop();
});
beforeEach(() => {
  Object.assign(refuses, { end: () => false, event: false, stop: undefined, apply: undefined });
  simulated.logged.length = 0;
  tries = 0;
});

const apply = (id: string, ...tenants: string[]) =>
  plane.start({ verb: "apply", id, actor: "anna", files: [{ path: "fleet.yaml", text: fleetText(tenants, {}, "many") }] });

async function leases(): Promise<readonly unknown[]> {
  return (await simulated.store.pool.query("SELECT stack, operation FROM lease")).rows;
}

test("an end whose result cannot be written is written without it, and the log says why", async () => {
  refuses.end = (id, result) => id.startsWith("op-bare") && !result.includes("could not be written");
  await apply("op-bare", "a", "b");
  expect(await simulated.ended("op-bare")).toBe("done");
  const { result } = (await plane.operation("op-bare")) ?? {};
  expect(result).toMatchObject({ state: "done", stacks: [], problems: [{ code: "BAL-W031", at: "op-bare" }] });
  expect(simulated.logged.map(String)).toContain("Error: unsupported Unicode escape sequence");
  expect(await leases()).toEqual([]);
});

test("an end that cannot be written at all is found later, with the result that was kept, and keeps nobody from their work", async () => {
  refuses.end = (id) => id.startsWith("op-open");
  await apply("op-open", "a", "b");
  for (let waited = 0; waited < 100 && simulated.logged.length < 4; waited++) await new Promise((resolve) => setTimeout(resolve, 100));
  expect((await plane.operation("op-open"))?.state).toBe("running");
  refuses.end = () => false;
  await eventually("the end that was not written", 60, async () => {
    await simulated.sweep();
    return (await simulated.store.work()).length === 0 ? true : undefined;
  });
  expect(await plane.operation("op-open")).toMatchObject({ state: "done", result: { state: "done", problems: [] } });
  expect(await leases()).toEqual([]);
});

test("what is told meanwhile may fail, and the work ends as it went", async () => {
  refuses.event = true;
  await apply("op-silent", "a", "b", "c");
  expect(await simulated.ended("op-silent")).toBe("done");
});

test("a mistake in the program is met once, told to the log with its stack, and named in the result; what may pass is tried again", async () => {
  refuses.apply = new TypeError("Cannot read properties of undefined");
  await apply("op-bug", "a", "b", "c", "d");
  expect(await simulated.ended("op-bug")).toBe("failed");
  const bug = (await plane.operation("op-bug"))?.result as unknown as { problems: { code: string; message: string }[] };
  expect(bug.problems.map((one) => `${one.code} ${one.message}`)).toContain(
    "BAL-W031 a fault of Ballast itself: Cannot read properties of undefined",
  );
  expect(tries).toBe(simulated.logged.length);
  expect((simulated.logged[0] as Error).stack).toContain("operations-end.integration.test.ts");
});

test("a decision whose step is tried again stands in the ledger once", async () => {
  refuses.confirmation = true;
  await apply("op-again", "a", "b", "c", "again");
  await simulated.ended("op-again");
  expect([refuses.confirmation, simulated.logged.map(String)]).toEqual([false, ["Error: read ECONNRESET"]]);
  const lines = (await simulated.plane.decisions("op-again")).map((one) => `${one.act} ${one.subject}`);
  expect(lines.length).toBeGreaterThan(0);
  expect(lines).toEqual([...new Set(lines)]);
});

test("all problems of a step are in the result", async () => {
  const problem = (code: string) => ({ code, severity: "error", at: "a", message: `of ${code}` }) as const;
  refuses.apply = new ProblemError([problem("BAL-E001"), problem("BAL-E004")]);
  await apply("op-two", "a", "b", "c", "d", "e");
  expect(await simulated.ended("op-two")).toBe("failed");
  const ended = (await plane.operation("op-two"))?.result as unknown as { problems: { code: string }[] };
  expect(ended.problems.slice(0, 2).map((one) => one.code)).toEqual(["BAL-E001", "BAL-E004"]);
});

test("a stop that fails holds nothing afterwards", async () => {
  refuses.stop = new TypeError("no such function");
  await plane.start({ verb: "stop", id: "op-stop", actor: "anna", confirmed: "many", reason: "a test" });
  expect(await simulated.ended("op-stop")).toBe("failed");
  expect(await leases()).toEqual([]);
});

test("what was admitted before the control plane was killed is done by the next one; what an older one left is ended", async () => {
  const hash = (await simulated.store.revisionInForce()) ?? "";
  const asked = { verb: "stop", id: "op-admitted", actor: "anna" };
  const at = new Date(now());
  await simulated.store.addOperation({ id: "op-admitted", verb: "stop", actor: "anna", request: { revision: hash, asked }, at });
  await simulated.store.addOperation({ id: "op-older", verb: "apply", actor: "anna", request: { revision: hash }, at });
  await simulated.takeUpAdmitted();
  expect(await simulated.ended("op-admitted")).toBe("done");
  expect(await plane.operation("op-older")).toMatchObject({ state: "failed", result: { problems: [{ code: "BAL-W008" }] } });
});

test("what was admitted and cannot be started says what is in force: the files of an apply are, a stop is not", async () => {
  await apply("op-running", "a", "b", "c");
  await simulated.ended("op-running");
  refuses.launch = true;
  const stop = plane.start({ verb: "stop", id: "op-no-stop", actor: "anna", confirmed: "many", reason: "a test" });
  await expect(stop).rejects.toThrow(
    "could not be started: no room for it; nothing was stopped, and the fleet is meant to go on as before",
  );
  const meant = await simulated.store.desired();
  const before = await simulated.store.revisionInForce();
  await expect(apply("op-no-apply", "a", "b", "c", "d")).rejects.toThrow("could not be started: no room for it; its files are in force");
  expect([meant, (await simulated.store.revisionInForce()) === before]).toEqual(["running", false]);
  expect(await plane.operation("op-no-apply")).toMatchObject({ state: "failed", result: { problems: [{ code: "BAL-W008" }] } });
  const deletion = plane.start({ verb: "remove", id: "op-no-removal", actor: "anna", confirmed: "many" });
  await expect(deletion).rejects.toThrow("the fleet is meant to go on as before");
  expect([await simulated.store.deletion(), await simulated.store.desired()]).toEqual([undefined, "running"]);
});

test("a deletion without the right name changes nothing, also not what is in force", async () => {
  await simulated.store.setSetting("desired", { state: "running" });
  const attempt = plane.start({ verb: "remove", id: "op-typo", actor: "anna", confirmed: "mony" });
  await expect(attempt).rejects.toThrow("BAL-W002");
  expect([await simulated.store.setting("desired"), await plane.operation("op-typo")]).toEqual([{ state: "running" }, undefined]);
});

test("work whose recorded steps are not those of now is ended at once, lets its stacks go, and the log has cause and stack", async () => {
  refuses.launch = false;
  const { promise, resolve } = Promise.withResolvers<void>();
  refuses.gate = promise;
  const logged = () => simulated.logged.filter((one): one is Error => one instanceof Error);
  await apply("op-other-steps", "a", "b", "c", "d", "broken");
  const part = "op-other-steps:broken/production";
  let before = 0;
  await eventually("the first wave of changes", 60, async () => {
    const all = waiting > 0 && waiting === before;
    before = waiting;
    return all ? true : undefined;
  });
  // As an earlier version left it, whose workflow had other steps.
  await simulated.store.pool.query(
    `INSERT INTO dbos.operation_outputs (workflow_uuid, function_id, function_name)
     SELECT $1, n, 'another step' FROM generate_series($2::int, 60) n
     ON CONFLICT DO NOTHING`,
    [part, waiting + 4],
  );
  resolve();
  refuses.gate = undefined;
  expect(await simulated.ended("op-other-steps")).toBe("failed");
  expect((await plane.operation("op-other-steps"))?.result).toMatchObject({ problems: [{ code: "BAL-W031" }] });
  expect(await eventually("the end of the part", 60, async () => (await plane.operation(part))?.state)).toBe("failed");
  expect(await leases()).toEqual([]);
  expect(logged().map((one) => one.stack ?? "")).toContainEqual(expect.stringMatching(/another step was recorded[^]*workflow[.]ts/));
});
