import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../../../test/support/api.ts";
import { fleetText } from "../../../test/support/churn.ts";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import { hangingEngine } from "../../../test/support/hanging-engine.ts";
import { type SimulatedPlane, simulatedPlane } from "../../../test/support/simulated-plane.ts";
import { createWorld } from "../../engines/memory/world.ts";
import { ProblemError } from "../../kernel/problem.ts";

const now = () => Date.parse("2026-11-22T02:30:00Z");
const world = createWorld({ now: now() });
const hanging = hangingEngine();
let server: TestServer;
let simulated: SimulatedPlane;
let plane: SimulatedPlane["plane"];

beforeAll(async () => {
  server = await testServer();
  const connectionString = await server.database("begun");
  simulated = await simulatedPlane({ connectionString, fleet: "many", world, now, engine: (engine) => hanging.around(engine) });
  plane = simulated.plane;
});
afterAll(async () => {
  await simulated.close();
  await server.stop();
});

const files = (...tenants: string[]) => [{ path: "fleet.yaml", text: fleetText(tenants, {}, "many") }];
const apply = (id: string, actor: string, ...tenants: string[]) =>
  plane.start({ verb: "apply", id, actor, files: files(...tenants), confirmed: "many", reallyNew: tenants });

/** What an attempt came to: the id of the operation that does it, or the codes of its refusal. */
async function outcome(attempt: Promise<{ id: string }>): Promise<string> {
  return await attempt.then(
    ({ id }) => id,
    (error: unknown) => (error instanceof ProblemError ? error.problems.map((problem) => problem.code).join(" ") : String(error)),
  );
}

async function tenantsInForce(): Promise<readonly string[]> {
  const hash = await simulated.store.revisionInForce();
  const { stacks } = await simulated.revisions.byHash(hash ?? "");
  return [...stacks.keys()].filter((stack) => stack.endsWith("/production")).sort();
}

async function idle(): Promise<void> {
  await eventually("the end of all work", 120, async () => ((await simulated.store.work()).length === 0 ? true : undefined));
}

test("of five different applies at once one is begun, it is in force whole, and what was refused has changed nothing", async () => {
  const names = ["a", "b", "c", "d", "e"];
  const outcomes = await Promise.all(names.map((name) => outcome(apply(`op-${name}`, name, name))));
  const begun = outcomes.filter((one) => one.startsWith("op-"));
  expect([begun.length, outcomes.filter((one) => one === "BAL-W030").length]).toEqual([1, 4]);
  const winner = begun[0]?.slice("op-".length) ?? "";
  expect(await tenantsInForce()).toEqual([`${winner}/production`]);
  expect(await simulated.ended(`op-${winner}`)).toBe("done");
  await simulated.look();
  await simulated.look();
  const tenants = new Set([...world.objects.keys()].filter((id) => id.endsWith("/odoo")));
  expect([...tenants]).toEqual([`${winner}/production/odoo`]);
  expect((await plane.operations(50)).filter((one) => one.verb === "apply").map((one) => one.id)).toEqual([`op-${winner}`]);
  expect((await plane.status()).stacks.filter((stack) => stack.state === "undeclared")).toEqual([]);
});

test("of applies one after the other the last that was admitted is in force, and what it drops is written down with it", async () => {
  for (const name of ["p", "q", "r"]) {
    await apply(`op-${name}`, "anna", name);
    await simulated.ended(`op-${name}`);
  }
  expect(await tenantsInForce()).toEqual(["r/production"]);
  expect(await simulated.store.setting("undeclared q/production")).toMatchObject({ since: new Date(now()).toISOString() });
});

test("the same apply again joins the one that runs and ends with it; other files are told which runs, by whom, and how to follow it", async () => {
  hanging.apply.add("joined/production");
  await apply("op-first", "anna", "joined");
  expect(await outcome(apply("op-second", "bert", "joined"))).toBe("op-first");
  const refused = await apply("op-third", "bert", "other").catch((error: unknown) => error);
  expect((refused as ProblemError).problems[0]).toMatchObject({
    code: "BAL-W030",
    message: expect.stringContaining("apply op-first by anna has run for 0 s") as string,
    hint: "follow it, and ask again after it: ./ballast operations op-first",
  });
  const flagged = { verb: "apply", id: "op-flag", actor: "bert", files: files("joined"), override: { reason: "other flags" } } as const;
  expect(await outcome(plane.start(flagged))).toBe("BAL-W030");
  expect([await plane.operation("op-second"), await plane.operation("op-third")]).toEqual([undefined, undefined]);
  expect(await tenantsInForce()).toEqual(["joined/production"]);
  hanging.release();
  expect(await simulated.ended("op-first")).toBe("done");
  expect(await outcome(apply("op-fourth", "bert", "joined"))).toBe("op-fourth");
  expect(await simulated.ended("op-fourth")).toBe("done");
});

test("what an id looks like gives no rights: who began it is written down", async () => {
  hanging.apply.add("named/production");
  // Past the contract, as an earlier version let it in.
  await apply("reconcile-mine", "anna", "named");
  expect(await outcome(apply("op-beside", "bert", "other"))).toBe("BAL-W030");
  expect((await simulated.store.work()).map((one) => one.begunBy)).toContain("person");
  hanging.release();
  expect(await simulated.ended("reconcile-mine")).toBe("done");
  const at = new Date(now());
  const addOperation = (id: string, request: object) => simulated.store.addOperation({ id, verb: "apply", actor: "x", request, at });
  await addOperation("op-own", { begunBy: "reconciler" });
  await addOperation("op-part", { actor: { kind: "reconciler", name: "reconciler" } });
  await addOperation("return-older", { revision: "0" });
  await addOperation("return-asked", { revision: "0", asked: { verb: "apply" } });
  const found = (await simulated.store.work()).map((one) => `${one.id} ${one.begunBy}`);
  expect(found.sort()).toEqual(["op-own reconciler", "op-part reconciler", "return-asked person", "return-older reconciler"]);
  for (const line of found) await simulated.store.endOperation(line.slice(0, line.indexOf(" ")), "done", {}, at);
});

test("an operation may have any id, also a word that the program uses itself", async () => {
  expect(await outcome(apply("again", "anna", "joined"))).toBe("again");
  expect(await simulated.ended("again")).toBe("done");
});

test("an operation that ended unseen stands in nobody's way: its own result is written down, and what it held is let go", async () => {
  await simulated.store.pool.query(`UPDATE operation SET state = 'running', result = NULL, finished_at = NULL WHERE id = 'op-fourth'`);
  await simulated.store.takeLease("joined/production", "op-fourth", new Date(now()));
  expect(await outcome(apply("op-after", "anna", "joined", "more"))).toBe("op-after");
  expect(await plane.operation("op-fourth")).toMatchObject({ state: "done", result: { state: "done", problems: [] } });
  expect(await simulated.ended("op-after")).toBe("done");
});

test("a fleet that is being deleted admits nothing, what was admitted before ends, and nothing is left", { timeout: 600_000 }, async () => {
  for (let round = 0; round < 50; round++) {
    // The deletion comes at another moment of the apply each time.
    await apply(`op-make-${round}`, "anna", "x", "y");
    await new Promise((resolve) => setTimeout(resolve, (round * 7) % 120));
    const asked = await Promise.all([
      outcome(apply(`op-race-a-${round}`, "bert", "x", "z")),
      outcome(plane.start({ verb: "remove", id: `op-delete-${round}`, actor: "anna", confirmed: "many" })),
      outcome(apply(`op-race-b-${round}`, "cleo", "x", "y", "z")),
    ]);
    expect(asked[1]).toBe(`op-delete-${round}`);
    expect(await outcome(apply(`op-late-${round}`, "bert", "x"))).toBe("BAL-W029");
    expect(await outcome(plane.start({ verb: "rotate", id: `op-rotate-${round}`, actor: "bert" }))).toBe("BAL-W029");
    expect(await simulated.ended(`op-delete-${round}`)).toBe("done");
    await idle();
    await simulated.look();
    expect([...world.objects.keys()]).toEqual([]);
    expect(await outcome(apply(`op-after-${round}`, "bert", "x"))).toBe("BAL-W029");
    // As a new installation begins.
    await simulated.store.setSetting("desired", { state: "stopped" });
  }
});
