import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import { type SimulatedPlane, simulatedPlane } from "../../../test/support/simulated-plane.ts";
import { createWorld } from "../../engines/memory/world.ts";

const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");
/** With another tenant. */
const LATER = HELLO + HELLO.slice(HELLO.lastIndexOf("---\n")).replace("name: acme", "name: globex");
// A Sunday night: the window is open.
const now = () => Date.parse("2026-11-22T02:30:00Z");
const folder = mkdtempSync(join(tmpdir(), "ballast-published-"));
const credentialsFile = join(folder, "credentials");
let server: TestServer;
let simulated: SimulatedPlane;

beforeAll(async () => {
  server = await testServer();
  const connectionString = await server.database("published");
  simulated = await simulatedPlane({
    connectionString,
    fleet: "hello",
    world: createWorld({ now: now() }),
    now,
    credentialsFile,
    machineMemoryBytes: 64 * 1024 ** 3,
  });
});
afterAll(async () => {
  await simulated.close();
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** Applies files; returns the revision that is in force then. */
async function apply(id: string, text: string): Promise<string> {
  await simulated.plane.start({ verb: "apply", id, actor: "anna", files: [{ path: "fleet.yaml", text }] });
  expect(await simulated.ended(id)).toBe("done");
  return (await simulated.store.revisionInForce()) as string;
}

/** Ends an operation that was begun while this revision was in force. */
async function endLate(operation: string, revision: string): Promise<void> {
  const actor = { kind: "reconciler", name: "reconciler" } as never;
  const only = "acme/production";
  await simulated.store.addOperation({ id: operation, verb: "apply", stack: only, actor: "reconciler", request: {}, at: new Date(now()) });
  const ended = await simulated.executor.apply({ operation, revision, actor, wanted: "declared", closing: "keep-data", only });
  await ended();
}

const published = () => readFileSync(credentialsFile, "utf8");
async function secrets(): Promise<number> {
  const { rows } = await simulated.store.pool.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM secret WHERE address LIKE '%/admin-password'",
  );
  return rows[0]?.n as number;
}

test("an operation of an earlier revision that ends last publishes nothing of it, and none does once the fleet is deleted", async () => {
  const first = await apply("op-first", HELLO);
  const second = await apply("op-second", LATER);
  const inForce = published();
  expect([second === first, inForce.includes("globex/production"), await secrets()]).toEqual([false, true, 2]);
  await endLate("return-late", first);
  expect(published()).toBe(inForce);
  await simulated.plane.start({ verb: "remove", id: "op-remove", actor: "anna", confirmed: "hello" });
  expect([await simulated.ended("op-remove"), await secrets()]).toEqual(["done", 0]);
  await endLate("return-later", second);
  expect([published(), await secrets()]).toEqual([inForce, 0]);
});
