import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type TestServer, testServer } from "../../test/support/embedded-server.ts";
import { type SimulatedPlane, simulatedPlane } from "../../test/support/simulated-plane.ts";
import { createWorld } from "../engines/memory/world.ts";
import { ProblemError } from "../kernel/problem.ts";

const HELLO = readFileSync(join(import.meta.dirname, "../../examples/hello/fleet.yaml"), "utf8");
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

beforeAll(async () => {
  server = await testServer();
  const connectionString = await server.database("removal");
  const folder = mkdtempSync(join(tmpdir(), "ballast-removal-"));
  simulated = await simulatedPlane({ connectionString, fleet: "hello", world, now, folder, machineMemoryBytes: 64 * 1024 ** 3 });
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

test("a pool is not deleted under the data of a kept tenant, though its files are lost and its server is not there to be asked", async () => {
  expect(await apply(HELLO)).toBe("done");
  world.silent.set(DATABASE, "its server is not there");
  world.objects.delete(FILESTORE);
  const before = objects();
  expect(before).toContain(DATABASE);
  expect(await remove("pool/second", "second")).toEqual(["BAL-A006 pool/second data of globex/production stands on it"]);
  expect(objects()).toEqual(before);
});
