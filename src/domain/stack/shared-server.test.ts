import fc from "fast-check";
import { expect, test } from "vitest";
import { sharedSession } from "../../../test/support/shared-session.ts";
import { NOTHING_SEEN, rememberQueue } from "./notification-queue.ts";
import { isTold, sessionsToEnd } from "./shared-server.ts";
import type { SharedServerObservation, SharedSession } from "./shared-session.ts";

const NOW = Date.parse("2026-11-27T10:00:00Z");
const SECOND = 1000;
const MINUTE = 60 * SECOND;

let pid = 100;
function session(role: string | undefined, more: Partial<SharedSession> = {}): SharedSession {
  pid += 1;
  return sharedSession({ pid, role, stateSince: NOW - SECOND }, more);
}
function ended(sessions: readonly SharedSession[], observation: Partial<SharedServerObservation> = {}): readonly string[] {
  const all = { lockPlaces: 30_000, notificationsFull: 0, sessions, queue: NOTHING_SEEN, ...observation };
  return sessionsToEnd(all, NOW).map(
    ({ session: { role, pid: number }, because }) => `${role} ${number - (sessions[0]?.pid ?? 0)}: ${because}`,
  );
}

test("a session that holds more than a third of the table of locks is ended; what an installation or a dump holds is not", () => {
  const sessions = [session("acme", { locks: 14_600 }), session("beta", { locks: 6000 }), session("beta", { locks: 40 })];
  expect(ended(sessions)).toEqual(["acme 0: it held 14600 of the 30000 locks that the server has for everybody"]);
});

test("a role that holds half of it by many sessions loses the largest of them, until it holds less", () => {
  const sessions = [session("acme", { locks: 9000 }), session("acme", { locks: 4000 }), session("acme", { locks: 3000 }), session("beta")];
  expect(ended(sessions)).toEqual(["acme 0: it held 9000 of the 30000 locks that the server has for everybody, and its role 16000 in all"]);
});

test("what a worker of autovacuum holds counts with those who are in its database", () => {
  const worker = (locks: number) => session(undefined, { database: "acme", worker: true, locks });
  const alone = worker(10_100);
  expect(ended([alone])).toEqual(["undefined 0: it held 10100 of the 30000 locks that the server has for everybody"]);
  const together = [session("acme", { locks: 9000 }), worker(8000), session("beta", { locks: 9000 })];
  expect(ended(together)).toEqual(["acme 0: it held 9000 of the 30000 locks that the server has for everybody, and its role 17000 in all"]);
});

test("a worker of autovacuum that runs a tenant's function for minutes is ended; one that cleans up for days, or computes for seconds, is not", () => {
  const worker = (more: Partial<SharedSession>) => session(undefined, { database: "acme", worker: true, ...more });
  const since = (minutes: number) => ({ transactionSince: NOW - minutes * MINUTE });
  expect(
    ended([
      worker({ computes: true, ...since(6) }),
      worker({ computes: true, ...since(4) }),
      worker({ computes: false, ...since(2 * 24 * 60) }),
      session("beta", { computes: false, ...since(6) }),
    ]),
  ).toEqual(["undefined 0: it was a worker of autovacuum, and ran a function of an index for 360 s"]);
});

test("the limits that a session may set for itself are not the last ones", () => {
  const idle = (minutes: number) => ({
    idleInTransaction: true,
    transactionSince: NOW - 2 * minutes * MINUTE,
    stateSince: NOW - minutes * MINUTE,
  });
  expect(ended([session("acme", idle(16)), session("acme", idle(14))])).toEqual([
    "acme 0: it did nothing in an open transaction for 960 s",
  ]);
  const long = session("acme", { transactionSince: NOW - 13 * 60 * MINUTE });
  expect(ended([long, session("acme", { transactionSince: NOW - 11 * 60 * MINUTE })])).toEqual([
    "acme 0: its transaction was open for 46800 s",
  ]);
});

test("a superuser's session is never ended, and nobody is ended twice", () => {
  const any = fc.record({
    role: fc.constantFrom("acme", "beta"),
    superuser: fc.boolean(),
    worker: fc.boolean(),
    computes: fc.boolean(),
    idleInTransaction: fc.boolean(),
    transactionSince: fc.option(fc.integer({ min: NOW - 86_400_000, max: NOW }), { nil: undefined }),
    stateSince: fc.integer({ min: NOW - 86_400_000, max: NOW }),
    locks: fc.nat(30_000),
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 12 }), fc.double({ min: 0, max: 1, noNaN: true }), (many, notificationsFull) => {
      const sessions = many.map(({ role, ...more }) => session(role, more));
      const queue = rememberQueue(NOTHING_SEEN, { lockPlaces: 30_000, notificationsFull, sessions }, NOW);
      const endings = sessionsToEnd({ lockPlaces: 30_000, notificationsFull, sessions, queue }, NOW);
      expect(endings.filter((one) => one.session.superuser)).toEqual([]);
      expect(new Set(endings.map((one) => one.session.pid)).size).toBe(endings.length);
      // Whoever stays leaves more than half of the table to the others.
      const left = sessions.filter((one) => one.role === "acme" && !one.superuser && !endings.some((ending) => ending.session === one));
      expect(left.reduce((sum, one) => sum + one.locks, 0)).toBeLessThanOrEqual(15_000);
    }),
  );
});

test("what happens without end is told ever more seldom", () => {
  const times = Array.from({ length: 40 }, (_, index) => index + 1);
  expect(times.filter((after) => isTold(after - 1, after))).toEqual([1, 2, 4, 8, 16, 32]);
  // Several at once are told where one of them would have been.
  expect([isTold(0, 3), isTold(3, 5), isTold(5, 7), isTold(2, 2)]).toEqual([true, true, false, false]);
});
