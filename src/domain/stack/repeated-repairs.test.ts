import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Drift } from "./drift.ts";
import { type Counts, countOnceMore, isNews, NO_COUNTS, restOf, restWords, timesOf } from "./repeated-repairs.ts";

const NOW = Date.parse("2026-11-27T10:00:00Z");
const SECOND = 1000;
const DAY = 86_400 * SECOND;
const node = "acme/production/database";
const setting = (name: string): Drift => ({
  node,
  kind: "edited",
  says: `setting ${name} none → set`,
  field: `setting ${name}`,
  rests: "settings",
});
const rights: Drift = { node, kind: "edited", says: "rights of the role none → CREATEDB", field: "rights of the role" };

/** What somebody does again as soon as it was put right, looked at every few seconds: when it is put right. */
function repairsOf(drift: (at: number) => readonly Drift[], forMs: number): readonly number[] {
  let counts: Counts = NO_COUNTS;
  const repaired: number[] = [];
  for (let at = NOW; at < NOW + forMs; at += 10 * SECOND) {
    if (restOf(counts, drift(at), at) !== undefined) continue;
    counts = countOnceMore(counts, drift(at), at);
    repaired.push(at);
  }
  return repaired;
}

describe("what comes back as often as it is put right", () => {
  test("is put right three times at once, then with pauses that double, a dozen times in a day instead of thousands", () => {
    const repaired = repairsOf(() => [setting("statement_timeout")], DAY);
    const pauses = repaired.slice(1).map((at, index) => (at - (repaired[index] as number)) / SECOND);
    expect(pauses).toEqual([10, 10, 60, 120, 240, 480, 960, 1920, 3840, 7680, 15_360, 21_600, 21_600]);
  });

  test("is counted as one, whatever names somebody thinks of", () => {
    expect(repairsOf((at) => [setting(`app.n${at}`)], DAY).length).toBe(repairsOf(() => [setting("a")], DAY).length);
  });

  test("is put right each time where it gives more rights, also beside what rests", () => {
    expect(repairsOf(() => [rights], 600 * SECOND)).toHaveLength(60);
    expect(repairsOf(() => [setting("a"), rights], 600 * SECOND)).toHaveLength(60);
  });

  test("is put right at once again after a day without it, and by a clock that was put back", () => {
    const often = Array.from({ length: 9 }).reduce<Counts>((counts) => countOnceMore(counts, [setting("a")], NOW), NO_COUNTS);
    expect(restOf(often, [setting("a")], NOW)).toEqual({ until: NOW + 64 * 60 * SECOND, times: 9, what: `${node} settings` });
    expect([restOf(often, [setting("a")], NOW + DAY), restOf(often, [setting("a")], NOW - 1)]).toEqual([undefined, undefined]);
    expect(restWords({ until: NOW, times: 9, what: `${node} settings` })).toBe(
      "acme/production/database settings of somebody's own was put right 9 times in a day and comes back: left as it is until 2026-11-27T10:00Z",
    );
  });

  test("rests whatever was asked for beside it, and what is not Ballast's to change", () => {
    const often = countOnceMore(countOnceMore(countOnceMore(NO_COUNTS, [setting("a")], NOW), [setting("a")], NOW), [setting("a")], NOW);
    const beside: readonly Drift[] = [
      { node, kind: "pending", says: "connectionLimit 12 → 14" },
      { node, kind: "foreign", says: "identity 1 → 2", field: "identity" },
    ];
    expect(restOf(often, [setting("a"), ...beside], NOW)).toBeDefined();
    expect(restOf(often, beside, NOW)).toBeUndefined();
  });
});

test("the ledger is told a number of times that grows with the logarithm of how often it came", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), (times) => {
      let counts: Counts = NO_COUNTS;
      let told = 0;
      for (let time = 0; time < times; time++) {
        const next = countOnceMore(counts, [rights], NOW + time);
        if (isNews(counts, next, [rights], NOW + time)) told += 1;
        counts = next;
      }
      expect([told, timesOf(counts, [rights], NOW + times)]).toEqual([Math.floor(Math.log2(times)) + 1, times]);
    }),
  );
});
