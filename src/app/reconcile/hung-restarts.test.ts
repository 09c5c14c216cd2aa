import { expect, test } from "vitest";
import { seenAs } from "../../../test/support/arbitrary-stack.ts";
import { POOL, SERVER, UNBOUND } from "../../../test/support/one-server.ts";
import { newMemory, reconcileStack } from "./reconcile-stack.ts";
import { createRepairBook } from "./repair-book.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ID = SERVER.id;

function keeping() {
  const settings = new Map<string, unknown>();
  return {
    settings,
    store: {
      setting: async (key: string) => settings.get(key) as never,
      setSetting: async (key: string, value: unknown) => void settings.set(key, value),
    },
  };
}

/** One stack of which a process hangs whenever it is looked at, whatever is done about it. */
function hanging({ store }: ReturnType<typeof keeping>) {
  const at = { now: 0, desired: "running", broken: false };
  const begun: number[] = [];
  const seen = seenAs(POOL, "failing");
  const observation = seen.nodes.get(ID);
  if (observation?.state !== "present") throw new Error("not seen");
  const nodes = new Map([
    [ID, { ...observation, value: { ...observation.value, hangs: true as const, because: "gives no sign of life" } }],
  ]);
  /** A control plane, which remembers nothing of the one before but what the store keeps. */
  function plane() {
    const memory = newMemory();
    const parts = {
      engine: {} as never,
      store: { appendLedger: async () => undefined } as never,
      executor: {
        async converge() {
          if (at.broken) throw new Error("no room for it");
          begun.push(at.now / MINUTE);
          return async () => ({ state: "done" as const, problems: [] });
        },
      } as never,
      wanted: async () => ({ revision: UNBOUND, desired: at.desired }) as never,
      now: () => at.now,
      repairs: createRepairBook(store),
      slots: { run: <T>(work: () => Promise<T>) => work() } as never,
      signal: new AbortController().signal,
    };
    return async (now: number) => {
      at.now = now;
      await reconcileStack(parts, { revision: UNBOUND, stack: POOL, seen: { ...seen, nodes }, claim: "free" }, memory).catch(
        () => undefined,
      );
    };
  }
  return { at, begun, plane };
}

test("a new control plane goes on counting how often what hangs was restarted within an hour", async () => {
  const { begun, plane } = hanging(keeping());
  for (let minute = 0; minute < 70; minute += 5) await plane()(minute * MINUTE);
  expect(begun).toEqual([0, 5, 10, 60, 65]);
});

test("a restart that was never begun counts as none", async () => {
  const { at, begun, plane } = hanging(keeping());
  const look = plane();
  at.desired = "stopped";
  for (let minute = 0; minute < 5; minute++) await look(minute * MINUTE);
  expect(begun).toEqual([]);
  at.desired = "running";
  at.broken = true;
  for (let minute = 5; minute < 10; minute++) await look(minute * MINUTE);
  at.broken = false;
  for (let minute = 10; minute < 15; minute++) await look(minute * MINUTE);
  expect(begun).toEqual([10, 11, 12]);
});

test("restarts are kept by stack, and those that are older than an hour are forgotten", async () => {
  const { store, settings } = keeping();
  const book = createRepairBook(store);
  await Promise.all([book.addRestart("acme/production", 0), book.addRestart("pool/p", 1), book.addRestart("pool/p", 30 * MINUTE)]);
  expect([await book.restartsOf("acme/production", MINUTE), await book.restartsOf("pool/p", HOUR + 1)]).toEqual([[0], [30 * MINUTE]]);
  await book.addRestart("beta/production", HOUR + 1);
  expect(settings.get("restarts")).toEqual({ "pool/p": [30 * MINUTE], "beta/production": [HOUR + 1] });
});

test("a clock that was put back forgets no restart, and one that was wrong by hours keeps nothing down", async () => {
  const book = createRepairBook(keeping().store);
  await book.addRestart("pool/p", 10 * HOUR);
  expect([await book.restartsOf("pool/p", 10 * HOUR - MINUTE), await book.restartsOf("pool/p", 0)]).toEqual([[10 * HOUR], []]);
});
