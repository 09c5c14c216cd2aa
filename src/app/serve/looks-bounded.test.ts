import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Observation } from "../../domain/stack/observation.ts";
import { ProblemError } from "../../kernel/problem.ts";
import { lookAtFormer } from "../../workflows/converge/former.ts";
import { rememberingEngine } from "../data/remembering-engine.ts";
import { assertUndeclared } from "../operations/removal.ts";
import { createCloseInWindow } from "../revisions/close-in-window.ts";
import { fleetStatus } from "../status/fleet-status.ts";

/** An engine that never answers of the stacks that are named; of others it sees nothing. */
function hangs(...stacks: readonly string[]) {
  return {
    stacks: async () => ["old/production", "pool/old"],
    observe: ({ id }: { id: string }) =>
      stacks.includes(id) ? new Promise<Observation>(() => undefined) : Promise.resolve({ stack: id, at: 0, nodes: new Map() }),
  } as never;
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** What comes of it once the time of one look is over. */
async function inTime<T>(work: Promise<T>): Promise<T | "still waits"> {
  const late = new Promise<"still waits">((resolve) => setTimeout(() => resolve("still waits"), 25_000));
  const first = Promise.race([work, late]);
  await vi.advanceTimersByTimeAsync(30_000);
  return await first;
}

test("a former name that does not answer is unknown, so its heir waits", async () => {
  const compiled = { formerly: new Map([["new/production", "old/production"]]), stacks: new Map(), snapshot: async () => ({}) } as never;
  const former = await inTime(lookAtFormer(hangs("old/production"), compiled, { stack: "new/production", now: 0 }));
  expect(former).toEqual({
    stack: "old/production",
    state: "unknown",
    because: "could not be looked at within 20 s",
    mayClose: false,
  });
});

test("what is to be closed and does not answer is not taken for closed, and keeps no other from being judged", async () => {
  const forgotten: unknown[] = [];
  const closing = { "old/production": "r", "gone/production": "r" };
  const close = createCloseInWindow({
    engine: hangs("old/production"),
    store: {
      setting: async () => closing,
      admission: async (work: (held: unknown) => Promise<unknown>) =>
        work({ setting: async () => closing, setSetting: async (_key: string, value: unknown) => void forgotten.push(value) }),
    } as never,
    executor: {} as never,
    now: () => 0,
  });
  const revision = { hash: "r", stacks: new Map(), formerly: new Map(), snapshot: async () => ({ protectedByCalendar: false }) } as never;
  expect(await inTime(close(revision))).toBeUndefined();
  expect(forgotten).toEqual([{ "old/production": "r" }]);
});

test("the status of a fleet comes though what is no longer declared does not answer, and says so", async () => {
  const status = await inTime(
    fleetStatus(
      {
        fleet: "many",
        engine: hangs("old/production", "pool/old"),
        store: {
          setting: async () => undefined,
          leaseOf: async () => undefined,
          desired: async () => "running",
          dataRecords: async () => ({ sequence: 0, records: [] }),
        } as never,
        watch: {} as never,
        now: () => 0,
      },
      undefined,
    ),
  );
  expect(status).toMatchObject({
    stacks: [
      { stack: "old/production", because: ["unknown what is here: could not be looked at within 20 s", expect.any(String)] },
      { stack: "pool/old" },
    ],
  });
});

test("a pool is not deleted while it cannot be seen what stands on it", async () => {
  const parts = { engine: hangs("old/production"), memory: { records: () => new Map() } } as never;
  const refused = await inTime(assertUndeclared(parts, undefined, "pool/old").catch((error: unknown) => error));
  expect((refused as ProblemError).problems[0]).toMatchObject({ code: "BAL-W080", at: "old/production" });
});

test("what is on the machine is listed in time or not at all, whoever asks: an engine that does not answer is out of reach, not empty", async () => {
  const machine = { name: "docker", stacks: () => new Promise(() => undefined) } as never;
  const engine = rememberingEngine(machine, { records: () => new Map() } as never, () => 0);
  const refused = await inTime(engine.stacks().catch((error: unknown) => error));
  expect(refused).toBeInstanceOf(ProblemError);
  expect((refused as ProblemError).problems[0]).toMatchObject({
    code: "BAL-E002",
    at: "docker",
    message: "did not list within 20 s what is on the machine",
  });
});

test("an engine is asked for its stacks by the one that remembers, which bounds it: all others ask that one", () => {
  const root = join(import.meta.dirname, "../..");
  const files = globSync(["app/**/*.ts", "workflows/**/*.ts"], { cwd: root }).filter((file) => !file.endsWith(".test.ts"));
  const making = files.filter((file) => /\bmachineEngine\(/.test(readFileSync(join(root, file), "utf8")));
  expect(making.sort()).toEqual(["app/machine/machine-engine.ts", "app/serve/serve.ts"]);
});

/** Steps of workflows are bounded themselves; the engine that remembers is asked by who looks with a bound. */
const BOUNDED_OTHERWISE = [
  "app/data/remembering-engine.ts",
  "app/operations/journeys.ts",
  "workflows/converge/workflow.ts",
  "workflows/stop/workflow.ts",
];

test("every other look goes by the survey, which has a bound", () => {
  const root = join(import.meta.dirname, "../..");
  const files = globSync(["app/**/*.ts", "workflows/**/*.ts"], { cwd: root }).filter((file) => !file.endsWith(".test.ts"));
  expect(files.length).toBeGreaterThan(100);
  const looking = files.filter((file) => /[.]observe\(/.test(readFileSync(join(root, file), "utf8")));
  expect(looking.sort()).toEqual(BOUNDED_OTHERWISE);
});
