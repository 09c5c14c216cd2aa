import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Change } from "../../domain/plan/change.ts";
import type { Drift } from "../../domain/stack/drift.ts";
import { decideMove, pauseAfter, type StackView } from "./decide.ts";

const NODE = "hamburg/production/odoo";
const NOW = Date.parse("2026-11-22T12:00:00Z");
const stopped: Drift = { node: NODE, kind: "stopped", says: "is stopped: Exited (137)" };
const pending: Drift = { node: NODE, kind: "pending", says: "memoryMiB 512 → 640" };
const change = { node: NODE, verb: "start" } as Change;

function observation(over: Partial<StackView>): StackView {
  const decision = { waves: [[change]], held: [], problems: [], lost: [] };
  return { policy: "repair", drift: [stopped], decision, attempts: { failed: 0, lastAt: 0 }, ...over };
}

describe("the reconciler", () => {
  test("repairs what changed behind its back, and says what that was", () => {
    expect(decideMove(observation({}), NOW)).toEqual({ move: "repair", because: `${NODE} is stopped: Exited (137)` });
  });

  test("restarts what hangs three times an hour, and then asks for somebody", () => {
    const decision = { waves: [[{ ...change, restarts: true } as Change]], held: [], problems: [], lost: [] };
    const move = (restarts: readonly number[]) => decideMove(observation({ decision, restarts }), NOW);
    const minutes = (...ago: number[]) => ago.map((one) => NOW - one * 60_000);
    expect(move(minutes(50, 20))).toEqual({ move: "repair", because: `${NODE} is stopped: Exited (137)`, restarts: true });
    expect(move(minutes(50, 40, 20))).toEqual({
      move: "report",
      because: "it hangs again after 3 restarts within an hour: somebody must look",
    });
    expect(move(minutes(60, 40, 20)).move).toBe("repair");
  });

  test("only reports where the tier says so", () => {
    expect(decideMove(observation({ policy: "report" }), NOW)).toEqual({
      move: "report",
      because: "the tier says to report drift, not to repair it",
    });
  });

  test("carries out what a person applied once its window is open, also where drift is only reported", () => {
    expect(decideMove(observation({ policy: "report", drift: [pending] }), NOW)).toEqual({
      move: "carry-out",
      because: "its window is open",
    });
  });

  test("does nothing against the calendar", () => {
    const held = [{ node: NODE, because: "outside maintenance until Sun 02:00 CET" }];
    expect(decideMove(observation({ drift: [pending], decision: { waves: [], held, problems: [], lost: [] } }), NOW)).toEqual({
      move: "report",
      because: "held: outside maintenance until Sun 02:00 CET",
    });
  });

  test("says what it cannot judge, and leaves what is not ours", () => {
    const problem = { code: "BAL-W003", severity: "error", at: NODE, message: "PostgreSQL does not answer" } as const;
    expect(decideMove(observation({ decision: { waves: [], held: [], problems: [problem], lost: [] } }), NOW)).toEqual({
      move: "report",
      because: "PostgreSQL does not answer",
    });
    const foreign: Drift = { node: "hamburg/production/boundary", kind: "foreign", says: "evil stands in it" };
    expect(decideMove(observation({ drift: [foreign], decision: { waves: [], held: [], problems: [], lost: [] } }), NOW)).toEqual({
      move: "report",
      because: "is not ours to change",
    });
  });

  test("does not wait for a moment that a clock put back has made the future", () => {
    const move = (ago: number) => decideMove(observation({ attempts: { failed: 1, lastAt: NOW - ago } }), NOW).move;
    expect([move(-3_600_000), move(0), move(29_999), move(30_000)]).toEqual(["repair", "rest", "rest", "repair"]);
  });

  test("waits longer after each try that did not help, and gives up after five", () => {
    const tried = (failed: number, ago: number) => decideMove(observation({ attempts: { failed, lastAt: NOW - ago } }), NOW).move;
    expect([tried(1, 29_000), tried(1, 30_000), tried(2, 59_000), tried(2, 60_000), tried(5, 86_400_000)]).toEqual([
      "rest",
      "repair",
      "rest",
      "repair",
      "report",
    ]);
    fc.assert(
      fc.property(fc.nat(40), (failed) => {
        expect(pauseAfter(failed + 1)).toBeGreaterThanOrEqual(pauseAfter(failed));
        expect(pauseAfter(failed)).toBeLessThanOrEqual(30 * 60_000);
      }),
    );
  });
});
