import { expect, test } from "vitest";
import { sharedSession } from "../../../test/support/shared-session.ts";
import { endingsOfWorkers, rememberComputing } from "./autovacuum-use.ts";
import type { Computing, SharedSession } from "./shared-session.ts";

const SECOND = 1000;
const NOW = Date.parse("2026-11-27T10:00:00Z");
const worker = (pid: number, database: string, seconds: number, at: number) =>
  sharedSession(
    { pid, role: undefined, stateSince: at },
    { database, worker: true, computes: true, transactionSince: at - seconds * SECOND },
  );

/** Looks each two seconds for so long: what was used at the end, who was ended first and when. */
function watched(seconds: number, sessionsAt: (at: number, second: number) => readonly SharedSession[]) {
  let used: readonly Computing[] = [];
  let ended: string | undefined;
  for (let second = 0; second <= seconds && ended === undefined; second += 2) {
    const at = NOW + second * SECOND;
    const sessions = sessionsAt(at, second);
    used = rememberComputing(used, sessions, at);
    const [first] = endingsOfWorkers(sessions, used, at);
    if (first !== undefined) ended = `${second} s: ${first.session.database}, ${first.because}`;
  }
  return { used: used.map(({ database, ms }) => [database, Math.round(ms / SECOND)]), ended };
}

test("three workers that compute for one database, each for less than the bound, are ended once they had it together", () => {
  const three = (at: number, second: number) => [1, 2, 3].map((pid) => worker(pid, "evil", second % 240, at));
  expect(watched(600, three).ended).toBe(
    "104 s: evil, it was a worker of autovacuum, and those of its database ran functions of indexes for 301 s",
  );
});

test("one after the other by one worker comes to the bound too; a second a minute never does, and cleaning up is not counted", () => {
  const one = (at: number, second: number) => [worker(1, "evil", second % 60, at)];
  expect(watched(600, one).ended).toMatch(/^334 s: evil/);
  const seldom = (at: number, second: number) => (second % 60 === 0 ? [worker(1, "acme", 1, at)] : []);
  expect(watched(7210, seldom)).toEqual({ used: [], ended: undefined });
  const cleaning = (at: number, second: number) => [{ ...worker(1, "acme", second, at), computes: false }];
  expect(watched(7200, cleaning)).toEqual({ used: [], ended: undefined });
});

test("what was used is given back with time, and what nobody saw is not counted", () => {
  const first = rememberComputing([], [worker(1, "acme", 0, NOW)], NOW);
  const later = rememberComputing(first, [worker(1, "acme", 3600, NOW)], NOW + 3600 * SECOND);
  expect(later).toEqual([{ database: "acme", ms: 9 * SECOND, at: NOW + 3600 * SECOND }]);
  const [given] = rememberComputing(later, [], NOW + 3610 * SECOND);
  expect(given?.ms).toBe(8 * SECOND);
});
