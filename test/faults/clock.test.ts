import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStore, type Store } from "../../src/adapters/store/store.ts";
import { createSealedValues } from "../../src/adapters/vault/vault.ts";
import { startReconciler } from "../../src/app/reconcile/watch-loop.ts";
import { forgetClosed } from "../../src/app/revisions/closing.ts";
import { createRevisions, type Revision } from "../../src/app/revisions/revisions.ts";
import { createVault } from "../../src/app/secrets/vault.ts";
import { type Executor, launchExecutor } from "../../src/app/serve/executor.ts";
import { keptUntil, rememberDropped } from "../../src/app/serve/retention.ts";
import { createMemoryEngine, type MemoryFault } from "../../src/engines/memory/engine.ts";
import { createWorld } from "../../src/engines/memory/world.ts";
import { PACKAGE_ROOT } from "../support/docker-installation.ts";
import { type TestServer, testServer } from "../support/embedded-server.ts";

/** A whole control plane but its API, over the simulated machine, with a clock that the test sets. */
const HELLO = readFileSync(join(PACKAGE_ROOT, "examples/hello/fleet.yaml"), "utf8");
const SHARED = "{ hosting: shared, pool: everyone }";
const withMemory = (memory: string) => HELLO.replace(SHARED, `{ hosting: shared, pool: everyone, sizes: { web: { memory: ${memory} } } }`);
const HOUR = 3_600_000;
const ODOO = "acme/production/odoo";
const ACTOR = { kind: "person", name: "test" } as const;

/** A Monday at noon in Berlin; the fleet's windows are on Saturday and Sunday from 02:00 to 05:00. */
const MONDAY = Date.parse("2026-11-23T11:00:00Z");
const SATURDAY_NIGHT = Date.parse("2026-11-28T01:30:00Z");

let now = MONDAY;
let server: TestServer;
let store: Store;
let executor: Executor;
let reconciler: { stop(): Promise<void> };
let current: Revision;
let look: () => void = () => undefined;
let count = 0;
const world = createWorld();
const faults: MemoryFault[] = [];
const engine = {
  ...createMemoryEngine(world, faults),
  // The simulated machine tells nothing by itself: the test says when something may have changed.
  watch: async (changed: () => void, signal: AbortSignal) => {
    look = changed;
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  },
};

async function revisionOf(text: string): Promise<Revision> {
  return await revisions.of([{ path: "fleet.yaml", text }]);
}
let revisions: ReturnType<typeof createRevisions>;

beforeAll(async () => {
  server = await testServer();
  store = await openStore({ connectionString: await server.database("clock"), maxConnections: 6, onLostConnection: () => undefined });
  revisions = createRevisions({
    store,
    contextFor: async () => ({
      images: { "odoo-19": "memory/odoo-19", postgres: "memory/postgres", traefik: "memory/traefik" },
      ingress: { address: "127.0.0.1", port: 8443 },
      certificateGeneration: 1,
    }),
    now: () => now,
  });
  const sealed = createSealedValues(store, { current: new Uint8Array(32).fill(3) });
  executor = await launchExecutor(
    {
      engine,
      vaultFor: (hash) =>
        createVault({ sealed, fleet: "hello", now: () => now, find: async (id) => (await revisions.byHash(hash)).find(id) }),
      forgetSecret: (node) => store.forgetSecret(node),
      closed: (stack) => forgetClosed(store, stack),
      compiled: (hash) => revisions.byHash(hash),
      decided: async () => undefined,
      unseenData: async () => [],
      journeys: { full: async () => [], reading: async () => [] },
      publish: async () => undefined,
      store,
      now: () => now,
      log: () => undefined,
      aroundStep: () => undefined,
    },
    store.pool,
  );
  current = await revisionOf(HELLO);
  await apply(current);
  const wanted = async () => ({ revision: current, desired: "running" as const });
  reconciler = startReconciler({ engine, store, executor, wanted, now: () => now, fault: () => undefined }, () => executor.changing());
});
afterAll(async () => {
  await reconciler.stop();
  await executor.shutdown();
  await store.close();
  await server.stop();
});

async function apply(revision: Revision): Promise<string> {
  const operation = `op-${++count}`;
  await store.addOperation({ id: operation, verb: "apply", actor: "test", request: {}, at: new Date(now) });
  const ended = await executor.apply({ operation, revision: revision.hash, actor: ACTOR, wanted: "declared", closing: "keep-data" });
  return (await ended()).state;
}

function memoryOf(): unknown {
  const spec = world.objects.get(ODOO)?.declared.spec;
  return spec !== undefined && "memoryMiB" in spec ? spec.memoryMiB : undefined;
}

function stopOdoo(): void {
  const object = world.objects.get(ODOO);
  if (object !== undefined) world.objects.set(ODOO, { ...object, condition: "stopped" });
}

/** Lets the reconciler look until something is so. */
async function looksUntil(what: string, reached: () => boolean): Promise<void> {
  for (let tries = 0; tries < 60; tries++) {
    look();
    await sleep(1000);
    if (reached()) return;
  }
  throw new Error(`${what} was not reached`);
}

const serving = () => world.objects.get(ODOO)?.condition === "serving";

test("a change that waits for its window is carried out when the clock jumps into it, and the next one waits when it was put back", async () => {
  current = await revisionOf(withMemory("900Mi"));
  expect([await apply(current), memoryOf()]).toEqual(["held", 768]);
  now = SATURDAY_NIGHT;
  await looksUntil("the change", () => memoryOf() === 900);
  now -= HOUR;
  current = await revisionOf(withMemory("1Gi"));
  expect([await apply(current), memoryOf()]).toEqual(["held", 900]);
  now += HOUR;
  await looksUntil("the next change", () => memoryOf() === 1024);
});

test("a try that did not help is not rested from for the hour by which the clock was put back", async () => {
  now = MONDAY + 24 * HOUR;
  faults.push({ verb: "apply", node: ODOO, because: "not yet" });
  stopOdoo();
  await looksUntil("the try that fails", () => faults.length === 0);
  now -= HOUR;
  await looksUntil("the repairing", serving);
  expect(world.objects.get(ODOO)?.condition).toBe("serving");
});

test("a day forward repairs what is stopped, and takes nothing away", async () => {
  const before = [...world.objects.keys()].sort();
  stopOdoo();
  now += 24 * HOUR;
  await looksUntil("the repairing", serving);
  expect([...world.objects.keys()].sort()).toEqual(before);
});

test("data that is kept until a date is there after it, in both directions of the clock, and the date stays as it was written", async () => {
  const bare = await revisionOf(
    HELLO.split("\n---\n")
      .filter((one) => !one.includes("kind: Tenant"))
      .join("\n---\n"),
  );
  await rememberDropped(store, current, bare, now);
  const written = await keptUntil(store, "acme/production");
  current = bare;
  expect(await apply(bare)).toBe("done");
  for (const jump of [365 * 24 * HOUR, -366 * 24 * HOUR, 24 * HOUR]) {
    now += jump;
    look();
    await sleep(2500);
    expect(await apply(bare)).toBe("done");
    expect([world.objects.has("acme/production/database"), world.objects.has("acme/production/filestore")]).toEqual([true, true]);
  }
  expect(await keptUntil(store, "acme/production")).toEqual(written);
});

test("a lease is held by one operation, whatever its clock said when it was taken", async () => {
  await store.addOperation({ id: "op-future", verb: "converge", actor: "test", request: {}, at: new Date(now + 24 * HOUR) });
  await store.takeLease("pool/everyone", "op-future", new Date(now + 24 * HOUR));
  expect(await store.takeLease("pool/everyone", "op-past", new Date(now - HOUR))).toMatchObject({ operation: "op-future" });
  expect(await apply(current)).toBe("refused");
  await store.endOperation("op-future", "done", {}, new Date(now));
  expect(await apply(current)).toBe("done");
});
