import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "../../../test/support/api.ts";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import { type SimulatedPlane, simulatedPlane } from "../../../test/support/simulated-plane.ts";
import { createWorld } from "../../engines/memory/world.ts";
import { ProblemError } from "../../kernel/problem.ts";

const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");
const ACME = HELLO.slice(HELLO.lastIndexOf("---\n"));
const POOL = "---\napiVersion: ballast.dev/v1alpha1\nkind: Pool\nmetadata: { name: second }\n";
const GLOBEX = ACME.replace("name: acme", "name: globex").replace("pool: everyone", "pool: second");
const DATABASE = "globex/production/database";
const FILESTORE = "globex/production/filestore";
/** A Saturday night, inside the window of the example. */
const now = () => Date.parse("2026-11-28T02:00:00Z");

const world = createWorld({ now: now() });
let server: TestServer;
let simulated: SimulatedPlane;
let count = 0;
/** What happens once, right before a step. */
let before: { readonly step: string; readonly happens: () => void } | undefined;

/** A change that waits for something. */
let held: { readonly node: string; readonly gate: Promise<void> } | undefined;

beforeAll(async () => {
  server = await testServer();
  const connectionString = await server.database("removal");
  const folder = mkdtempSync(join(tmpdir(), "ballast-removal-"));
  simulated = await simulatedPlane({
    connectionString,
    fleet: "hello",
    world,
    now,
    folder,
    machineMemoryBytes: 64 * 1024 ** 3,
    aroundStep,
    engine: (engine) => ({
      ...engine,
      apply: async (change, context) => {
        if (held?.node === change.node) await held.gate;
        return await engine.apply(change, context);
      },
    }),
  });
});
afterAll(async () => {
  await simulated.close();
  await server.stop();
});
beforeEach(async () => {
  world.silent.clear();
  const state = await apply(HELLO + POOL + GLOBEX);
  if (state !== "done") throw new Error(`the fleet was not brought up: ${state}`);
});

function aroundStep(name: string, moment: string): void {
  if (moment !== "before" || before?.step !== name) return;
  const { happens } = before;
  before = undefined;
  happens();
}

async function apply(text: string): Promise<string | undefined> {
  const id = `op-${++count}`;
  await simulated.plane.start({ verb: "apply", id, actor: "anna", files: [{ path: "fleet.yaml", text }], reallyNew: ["globex"] });
  return await simulated.ended(id);
}

/** How a deletion by name ends, or the problems for which it was refused. */
async function remove(stack: "globex/production" | "pool/second", confirmed: string): Promise<unknown> {
  const id = `op-${++count}`;
  try {
    await simulated.plane.start({ verb: "remove", id, actor: "anna", stack, confirmed });
  } catch (error) {
    if (error instanceof ProblemError) return error.problems.map(({ code, at, message }) => `${code} ${at} ${message}`);
    throw error;
  }
  return await simulated.ended(id);
}

const objects = () => [...world.objects.keys()].filter((id) => id.startsWith("globex/") || id.startsWith("pool/second/")).sort();

test("a tenant whose database cannot be seen now is not deleted, and neither are its files", async () => {
  expect(await apply(HELLO + POOL)).toBe("done");
  const before = objects();
  world.silent.set(DATABASE, "pool/second/postgres is stopped");
  expect(await remove("globex/production", "globex")).toEqual([
    `BAL-W003 ${DATABASE} holds data and cannot be seen: pool/second/postgres is stopped`,
  ]);
  expect(objects()).toEqual(before);
  world.silent.clear();
  expect(await remove("globex/production", "globex")).toBe("done");
  expect(objects().filter((id) => id.startsWith("globex/"))).toEqual([]);
  const { stacks } = await simulated.plane.status();
  expect(stacks.map(({ stack }) => stack)).not.toContain("globex/production");
});

const SILENT = "pool/second/postgres does not answer";
const told = async () => {
  const operation = await simulated.plane.operation(`op-${count}`);
  const result = operation?.result as { problems: { code: string; at: string; message: string }[] } | undefined;
  return (result?.problems ?? []).map(({ code, at, message }) => `${code} ${at} ${message}`);
};

test("a server that vanishes between the question and the deletion: nothing goes, and what is left is named", async () => {
  expect(await apply(HELLO + POOL)).toBe("done");
  const there = objects();
  before = { step: "decide globex/production", happens: () => world.silent.set(DATABASE, SILENT) };
  expect([await remove("globex/production", "globex"), objects()]).toEqual(["failed", there]);
  expect(await told()).toEqual([`BAL-W003 ${DATABASE} holds data and cannot be seen: ${SILENT}`]);
  expect(simulated.memory.records().has(DATABASE)).toBe(true);
});

test("a server that vanishes right before the database is removed: that fails, and it stays remembered until it is deleted", async () => {
  expect(await apply(HELLO + POOL)).toBe("done");
  before = { step: `remove ${DATABASE}`, happens: () => world.silent.set(DATABASE, SILENT) };
  expect(await remove("globex/production", "globex")).toBe("failed");
  expect((await told()).some((one) => one.includes(DATABASE))).toBe(true);
  expect([world.objects.has(DATABASE), simulated.memory.records().has(DATABASE)]).toEqual([true, true]);
  world.silent.clear();
  expect(await remove("globex/production", "globex")).toBe("done");
  expect([objects().filter((id) => id.startsWith("globex/")), simulated.memory.records().has(DATABASE)]).toEqual([[], false]);
});

test("an apply beside the deletion of a tenant leaves that to it, and ends well", async () => {
  expect(await apply(HELLO + POOL)).toBe("done");
  let go = (): void => undefined;
  const gate = new Promise<void>((resolve) => (go = resolve));
  held = { node: FILESTORE, gate };
  const removal = remove("globex/production", "globex");
  const holds = async () => (await simulated.store.leaseOf("globex/production")) ?? undefined;
  await eventually("the lease of the deletion", 20, holds);
  expect(await apply(HELLO + POOL)).toBe("done");
  go();
  expect([await removal, objects().filter((id) => id.startsWith("globex/"))]).toEqual(["done", []]);
  held = undefined;
});

test("a pool is not deleted under the data of a kept tenant, though its files are lost and its server is not there to be asked", async () => {
  expect(await apply(HELLO)).toBe("done");
  world.silent.set(DATABASE, "its server is not there");
  world.objects.delete(FILESTORE);
  const before = objects();
  expect(before).toContain(DATABASE);
  expect(await remove("pool/second", "second")).toEqual(["BAL-A006 pool/second data of globex/production stands on it"]);
  expect(objects()).toEqual(before);
});
