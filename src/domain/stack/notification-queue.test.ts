import { expect, test } from "vitest";
import { sharedSession } from "../../../test/support/shared-session.ts";
import { NOTHING_SEEN, rememberQueue } from "./notification-queue.ts";
import { sessionsToEnd } from "./shared-server.ts";
import type { QueueMemory, SharedServerObservation, SharedSession } from "./shared-session.ts";

const SECOND = 1000;
const NOW = Date.parse("2026-11-27T10:00:00Z");
const ago = (seconds: number) => NOW - seconds * SECOND;

const session = (pid: number, role: string, more: Partial<SharedSession> = {}) => sharedSession({ pid, role, stateSince: ago(1) }, more);
/** An ordinary session of Odoo that waits for something else, and listens to nothing. */
const innocent = session(1, "victim", { idleInTransaction: true, transactionSince: ago(600) });
/** `LISTEN x`, then `SELECT pg_sleep(60)`. */
const listener = session(2, "evil", { transactionSince: ago(50) });

type Seen = readonly [number, number, readonly SharedSession[], SharedServerObservation["senders"]?];

/** What is ended at the last of several looks, each with what was seen by it: seconds ago, how full, who was there, from where the messages came. */
function atLast(...looks: readonly Seen[]): readonly string[] {
  let queue: QueueMemory = NOTHING_SEEN;
  let observation: SharedServerObservation | undefined;
  for (const [at, notificationsFull, sessions, senders = []] of looks) {
    observation = { lockPlaces: 30_000, notificationsFull, sessions, senders, queue };
    queue = rememberQueue(queue, observation, ago(at));
    observation = { ...observation, queue };
  }
  return observation === undefined
    ? []
    : sessionsToEnd(observation, NOW).map(({ session: { role, pid }, because }) => `${role} ${pid}: ${because}`);
}
const filling = (full: number, ...others: readonly SharedSession[]) =>
  atLast(
    [40, 0, others],
    [
      0,
      full,
      others,
      [
        { database: "evil", samples: 90 },
        { database: "victim", samples: 10 },
      ],
    ],
  );

test("of the database that fills the queue whoever holds it is ended; a neighbour's older transaction is not", () => {
  expect(filling(0.06, innocent, listener)).toEqual([
    "evil 2: the queue of notifications, which is everybody's, was 6 % full, and 90 of 100 samples of it came from its database",
  ]);
  expect(filling(0.05, innocent, listener)).toEqual([]);
  // As long as there is something of its own to end.
  expect(filling(0.4, innocent, listener).map((words) => words.slice(0, 6))).toEqual(["evil 2"]);
});

test("where nobody can be told to fill it, or who does holds nothing, nobody is ended at first, and at a quarter the oldest transaction, without accusing it", () => {
  const words =
    "victim 1: the queue of notifications, which is everybody's, was 26 % full; who holds it could not be told, and its transaction was the oldest, open for 600 s";
  for (const senders of [
    [],
    [
      { database: "evil", samples: 1 },
      { database: "acme", samples: 1 },
    ],
    [{ database: "acme", samples: 100 }],
  ]) {
    const hidden = (full: number) => atLast([40, 0, [innocent, listener]], [0, full, [innocent, listener], senders]);
    expect([hidden(0.2), hidden(0.26)]).toEqual([[], [words]]);
  }
});

test("everybody who holds it in the database that fills it is ended at one look, and soon also who sends; no neighbour pays for one that does not end yet", () => {
  const second = session(3, "evil", { transactionSince: ago(40) });
  const sender = session(4, "evil", { transactionSince: ago(1) });
  const pids = (full: number) => filling(full, innocent, listener, second, sender).map((words) => words.split(":")[0]);
  expect([pids(0.06), pids(0.11), pids(0.99)]).toEqual([
    ["evil 2", "evil 3"],
    ["evil 2", "evil 3", "evil 4"],
    ["evil 2", "evil 3", "evil 4"],
  ]);
});

test("what began a moment ago holds nothing, and what began after the queue did comes after what is older", () => {
  expect(atLast([0, 0.09, [session(7, "victim", { transactionSince: ago(2) })], [{ database: "victim", samples: 9 }]])).toEqual([]);
  const young = session(8, "acme", { transactionSince: ago(20) });
  expect(atLast([30, 0, [young]], [0, 0.3, [young]])[0]).toMatch(/^acme 8: .*could not be told/);
});

/** `LISTEN x; BEGIN; SELECT 1/0`: of a transaction that failed the server tells no beginning. */
const failed = session(9, "evil", { idleInTransaction: true });
/** A procedure that commits each second, or `COMMIT AND CHAIN`: always in a transaction, never for long. */
const chained = (at: number) => session(10, "evil", { transactionSince: ago(at) });

test("a transaction that failed and is kept open holds the queue as any other, however often something is asked in it", () => {
  const looks = (full: number, keptOpen: SharedSession) =>
    atLast([20, 0, []], [10, 0.1, [keptOpen]], [6, 0.2, [keptOpen]], [0, full, [keptOpen]]);
  expect(looks(0.26, failed)).toEqual([
    "evil 9: the queue of notifications, which is everybody's, was 26 % full; who holds it could not be told, and it was in transactions without a pause for 10 s",
  ]);
  expect(looks(0.24, failed)).toEqual([]);
  // What was idle between two looks has read.
  expect(atLast([10, 0.2, [failed]], [4, 0.2, []], [2, 0.26, [failed]], [0, 0.26, [failed]])).toEqual([]);
});

test("transactions one after the other without a pause hold it too, and come after one that is really open for long", () => {
  const looks = (full: number, ...others: readonly SharedSession[]) =>
    atLast([20, 0, []], [10, 0.1, [chained(11), ...others]], [5, 0.2, [chained(6), ...others]], [0, full, [chained(1), ...others]]);
  expect(looks(0.26)).toEqual([expect.stringMatching(/^evil 10: .*it was in transactions without a pause for 11 s$/)]);
  expect(looks(0.26, innocent)).toEqual([expect.stringMatching(/^victim 1: .*its transaction was the oldest, open for 600 s$/)]);
});

test("a transaction that failed is open for no longer than any other", () => {
  const day = 13 * 3600;
  expect(atLast([day, 0, [failed]], [day / 2, 0, [failed]], [0, 0, [failed]])).toEqual([`evil 9: its transaction was open for ${day} s`]);
});
