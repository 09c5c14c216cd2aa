import { describe, expect, test } from "vitest";
import { pauseAfter } from "./decide.ts";
import { decideReturn, type ReturnSight } from "./decide-return.ts";

const NOW = Date.parse("2026-11-23T06:00:00Z");
const KEPT = { boot: "one", engine: "100" };

function sight(over: Partial<ReturnSight>): ReturnSight {
  return { wish: "running", kept: KEPT, present: KEPT, attempts: { failed: 0, lastAt: 0 }, ...over };
}

describe("a fleet after a restart", () => {
  test("is brought back once the machine runs anew", () => {
    expect(decideReturn(sight({ present: { boot: "two", engine: "100" } }), NOW)).toEqual({
      move: "bring-back",
      because: "the machine was started anew",
    });
  });

  test("is brought back once the engine alone began anew", () => {
    expect(decideReturn(sight({ present: { boot: "one", engine: "900" } }), NOW)).toEqual({
      move: "bring-back",
      because: "the engine was started anew",
    });
  });

  test("is left alone in the same run, also while nobody can say when the engine began", () => {
    for (const present of [KEPT, { boot: "one" }]) expect(decideReturn(sight({ present }), NOW)).toEqual({ move: "none" });
    expect(decideReturn(sight({ kept: { boot: "one" }, present: KEPT }), NOW)).toEqual({ move: "none" });
  });

  test("stays down after down, and that run is then the known one", () => {
    expect(decideReturn(sight({ wish: "stopped", present: { boot: "two" } }), NOW)).toEqual({ move: "remember" });
  });

  test("is tried again after a pause that grows, and not for ever", () => {
    const after = (failed: number, lastAt: number) => decideReturn(sight({ present: { boot: "two" }, attempts: { failed, lastAt } }), NOW);
    expect(after(2, NOW - pauseAfter(2) + 1)).toEqual({ move: "none" });
    expect(after(2, NOW - pauseAfter(2)).move).toBe("bring-back");
    expect(after(5, 0)).toEqual({ move: "none" });
  });
});
