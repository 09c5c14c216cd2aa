import { expect, test } from "vitest";
import { seenAs } from "../../../test/support/arbitrary-stack.ts";
import { POOL, UNBOUND } from "../../../test/support/one-server.ts";
import { createBringBack } from "../reconcile/bring-back.ts";
import { beginOwnApply } from "../reconcile/own-apply.ts";
import { newMemory, reconcileStack } from "../reconcile/reconcile-stack.ts";

const MINUTE = 60_000;
const broken = () => Promise.reject(new Error("what was recorded is of another step"));

/** What came of looking once a minute, as the minutes in which work was begun. */
async function minutes(count: number, look: (now: number) => Promise<unknown>): Promise<void> {
  for (let minute = 0; minute < count; minute++) await look(minute * MINUTE);
}

test("a return whose work throws is tried again ever more rarely, and not for ever", async () => {
  let now = 0;
  const begun: number[] = [];
  const bringBack = createBringBack({
    store: {
      keptSetting: async () => ({ boot: "another", engine: "another" }),
      setSetting: async () => undefined,
      appendLedger: async () => undefined,
      addOperation: async () => void begun.push(now / MINUTE),
    } as never,
    executor: { apply: async () => broken },
    now: () => now,
  });
  await minutes(60, async (at) => {
    now = at;
    const ended = await bringBack({ revision: "r", desired: "running" });
    await ended?.().catch(() => undefined);
  });
  expect(begun).toEqual([0, 1, 2, 4, 8]);
});

test("a repair whose work throws counts as one that did not help", async () => {
  let now = 0;
  const begun: number[] = [];
  const memory = newMemory();
  const seen = seenAs(POOL, "stopped");
  const parts = {
    engine: {} as never,
    store: { appendLedger: async () => undefined } as never,
    executor: {
      async converge() {
        begun.push(now / MINUTE);
        return broken;
      },
    },
    wanted: async () => ({ revision: UNBOUND, desired: "running" }) as never,
    now: () => now,
    repairs: { of: async () => ({}), add: async () => undefined, restartsOf: async () => [], addRestart: async () => undefined },
    slots: { run: <T>(work: () => Promise<T>) => work() } as never,
    signal: new AbortController().signal,
  };
  await minutes(60, async (at) => {
    now = at;
    await reconcileStack(parts, { revision: UNBOUND, stack: POOL, seen, claim: "free" }, memory).catch(() => undefined);
  });
  expect(begun).toEqual([0, 1, 2, 4, 8]);
});

test("an apply of the control plane's own whose work cannot be started is ended, and not left as running", async () => {
  const ends: string[] = [];
  const held = {
    withdrawStop: async () => undefined,
    endOperation: async (id: string, state: string) => void ends.push(`${id} ${state}`),
  };
  const store = { addOperation: async () => undefined, admission: (work: (one: unknown) => Promise<unknown>) => work(held) } as never;
  const executor = { apply: () => Promise.reject(new Error("no room for it")) };
  const carryOut = await beginOwnApply({ store, executor, now: () => 0 }, { operation: "return-0", revision: "r" });
  await expect(carryOut()).rejects.toThrow("no room for it");
  expect(ends).toEqual(["return-0 failed"]);
});
