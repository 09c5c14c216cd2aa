import { expect, test } from "vitest";
import { sharedSession } from "../../../test/support/shared-session.ts";
import { NOTHING_SEEN, rememberQueue } from "./notification-queue.ts";
import { sessionsToEnd } from "./shared-server.ts";
import type { QueueMemory, SharedSession, SharedSight } from "./shared-session.ts";

const SECOND = 1000;
const NOW = Date.parse("2026-11-27T10:00:00Z");
const ago = (seconds: number) => NOW - seconds * SECOND;

const session = (pid: number, role: string, more: Partial<SharedSession> = {}) => sharedSession({ pid, role, stateSince: ago(1) }, more);
/** An ordinary session of Odoo that waits for something else, and listens to nothing. */
const innocent = session(1, "victim", { idleInTransaction: true, transactionSince: ago(600) });
/** `LISTEN x`, then `SELECT pg_sleep(60)`. */
const listener = session(2, "evil", { transactionSince: ago(50) });
const sender = (at: number) => session(3, "evil", { transactionSince: ago(at), sentAt: ago(at) });

/** What is ended at the last of several looks, each with what was seen by it: seconds ago, how full, who was there. */
function atLast(...looks: readonly (readonly [number, number, readonly SharedSession[]])[]): readonly string[] {
  let queue: QueueMemory = NOTHING_SEEN;
  let sight: SharedSight | undefined;
  for (const [at, notificationsFull, sessions] of looks) {
    sight = { lockPlaces: 30_000, notificationsFull, sessions, queue };
    queue = rememberQueue(queue, sight, ago(at));
    sight = { ...sight, queue };
  }
  return sight === undefined ? [] : sessionsToEnd(sight, NOW).map(({ session: { role, pid }, because }) => `${role} ${pid}: ${because}`);
}
const filling = (full: number, ...others: readonly SharedSession[]) =>
  atLast(
    [40, 0, others],
    [6, 0.02, [...others, sender(6)]],
    [4, 0.03, [...others, sender(4)]],
    [2, 0.04, [...others, sender(2)]],
    [0, full, [...others, sender(0)]],
  );

test("who fills the queue is ended with who holds it for the same role; a neighbour's older transaction is not", () => {
  const because =
    "the queue of notifications, which is everybody's, was 6 % full, and 4 of the 4 times that anybody was seen sending in the last minute it was its role";
  expect(filling(0.06, innocent, listener)).toEqual([`evil 2: ${because}`, `evil 3: ${because}`]);
  expect(filling(0.05, innocent, listener)).toEqual([]);
  // As long as there is something of its own to end.
  expect(filling(0.4, innocent, listener).map((words) => words.slice(0, 6))).toEqual(["evil 2", "evil 3"]);
});

test("where nobody can be told to fill it, nobody is ended at first, and at a quarter the oldest transaction, without accusing it", () => {
  const hidden = (full: number) => atLast([40, 0, [innocent, listener]], [0, full, [innocent, listener]]);
  expect(hidden(0.2)).toEqual([]);
  expect(hidden(0.26)).toEqual([
    "victim 1: the queue of notifications, which is everybody's, was 26 % full; who holds it could not be told, and its transaction was the oldest, open for 600 s",
  ]);
});

test("who sends now and then, or not more than all others together, is not taken for who fills it", () => {
  const seldom = session(4, "victim", { sentAt: ago(3) });
  // One statement that was seen by three looks was sent once.
  expect(atLast([4, 0.06, [seldom, innocent]], [2, 0.06, [seldom, innocent]], [0, 0.06, [seldom, innocent]])).toEqual([]);
  const even = [1, 2, 3].flatMap((at) => [session(4, "victim", { sentAt: ago(at) }), session(5, "evil", { sentAt: ago(at) })]);
  expect(atLast([0, 0.06, [...even, listener, innocent]])).toEqual([]);
  // A minute later it is forgotten.
  const old = [70, 68, 66].map((at) => sender(at));
  expect(atLast([66, 0, old], [0, 0.06, [innocent, listener]])).toEqual([]);
});

test("a queue that fills although its filler is ended costs somebody else before all fail; what began a moment ago is no one", () => {
  expect(filling(0.6, innocent, listener).map((words) => words.slice(0, 8))).toEqual(["evil 2: ", "evil 3: ", "victim 1"]);
  expect(atLast([0, 0.9, [session(7, "victim", { transactionSince: ago(2) })]])).toEqual([]);
  // What began after the queue did comes after what is older.
  const young = session(8, "acme", { transactionSince: ago(20) });
  expect(atLast([30, 0, [young]], [0, 0.3, [young]])[0]).toMatch(/^acme 8: .*could not be told/);
});
