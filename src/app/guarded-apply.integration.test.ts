import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../../test/support/api.ts";
import { type TestServer, testServer } from "../../test/support/embedded-server.ts";
import { openStore, type Store } from "../adapters/store/store.ts";
import { createSealedValues } from "../adapters/vault/vault.ts";
import type { ControlPlane } from "../api/port.ts";
import { createMemoryEngine } from "../engines/memory/engine.ts";
import { createWorld } from "../engines/memory/world.ts";
import { ProblemError } from "../kernel/problem.ts";
import { createControlPlane } from "./control-plane.ts";
import { type Executor, launchExecutor } from "./executor.ts";
import { createRevisions } from "./revisions.ts";
import { createVault } from "./vault.ts";

const HELLO = readFileSync(join(import.meta.dirname, "../../examples/hello/fleet.yaml"), "utf8");
const now = () => Date.parse("2026-11-22T12:00:00Z");
let server: TestServer;
let store: Store;
let executor: Executor;
let plane: ControlPlane;

beforeAll(async () => {
  server = await testServer();
  const connectionString = await server.database("guarded");
  store = await openStore({ connectionString, maxConnections: 4, onLostConnection: () => undefined });
  const engine = createMemoryEngine(createWorld({ now: now() }));
  const context = { images: {}, ingress: { address: "127.0.0.1", port: 8443 }, certificateGeneration: 1 };
  const revisions = createRevisions({ store, contextFor: async () => context, now, machineMemoryBytes: 8 * 1024 ** 3 });
  const sealed = createSealedValues(store, new Uint8Array(32).fill(3));
  executor = await launchExecutor(
    {
      engine,
      vaultFor: (hash) => createVault({ sealed, fleet: "hello", now, find: async (id) => (await revisions.byHash(hash)).find(id) }),
      forgetSecret: (node) => store.forgetSecret(node),
      compiled: (hash) => revisions.byHash(hash),
      journeys: { full: async () => [], reading: async () => [] },
      publish: async () => undefined,
      store,
      now,
      aroundStep: () => undefined,
    },
    store.pool,
  );
  plane = createControlPlane({
    fleet: "hello",
    instance: "i",
    version: "0",
    build: "0",
    store,
    engine,
    revisions,
    executor,
    current: async () => (await store.setting<{ hash: string }>("revision"))?.hash,
    setCurrent: (hash) => store.setSetting("revision", { hash }),
    shutdown: () => undefined,
    now,
  });
});
afterAll(async () => {
  await executor.shutdown();
  await store.close();
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
  await eventually("the end of the operation", 60, async () =>
    (await plane.operation("op-allowed"))?.state === "running" ? undefined : true,
  );
  const decisions = await plane.decisions("op-allowed");
  expect(decisions.map(({ actor, act, subject }) => `${actor} ${act} ${subject}`).sort()).toEqual([
    "anna operation.allow acme/production",
    "anna operation.allow platform/here",
    "anna operation.allow pool/everyone",
  ]);
  expect(await plane.decisions("op-of-nobody")).toEqual([]);
});
