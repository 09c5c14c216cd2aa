import { describe, expect, test } from "vitest";
import { pauseAfter } from "./decide.ts";
import { decideReturn, type ReturnObservation } from "./decide-return.ts";

const NOW = Date.parse("2026-11-23T06:00:00Z");
const KEPT = { boot: "one", engine: "100" };

function observation(over: Partial<ReturnObservation>): ReturnObservation {
  return { desired: "running", kept: KEPT, present: KEPT, attempts: { failed: 0, lastAt: 0 }, ...over };
}

describe("a fleet after a restart", () => {
  test("is brought back once the machine has restarted", () => {
    expect(decideReturn(observation({ present: { boot: "two", engine: "100" } }), NOW)).toEqual({
      move: "bring-back",
      because: "the machine was restarted",
    });
  });

  test("is brought back once the engine alone started over", () => {
    expect(decideReturn(observation({ present: { boot: "one", engine: "900" } }), NOW)).toEqual({
      move: "bring-back",
      because: "the engine was restarted",
    });
  });

  test("is left alone in the same run, also while it cannot be determined when the engine began", () => {
    for (const present of [KEPT, { boot: "one" }]) expect(decideReturn(observation({ present }), NOW)).toEqual({ move: "none" });
    expect(decideReturn(observation({ kept: { boot: "one" }, present: KEPT }), NOW)).toEqual({ move: "none" });
  });

  test("stays down after down, and that run is then the known one", () => {
    expect(decideReturn(observation({ desired: "stopped", present: { boot: "two" } }), NOW)).toEqual({ move: "remember" });
  });

  test("is tried again after a pause that grows, and not for ever", () => {
    const after = (failed: number, lastAt: number) =>
      decideReturn(observation({ present: { boot: "two" }, attempts: { failed, lastAt } }), NOW);
    expect(after(2, NOW - pauseAfter(2) + 1)).toEqual({ move: "none" });
    expect(after(2, NOW - pauseAfter(2)).move).toBe("bring-back");
    expect(after(5, 0)).toEqual({ move: "none" });
  });
});
