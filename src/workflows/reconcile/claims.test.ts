import { describe, expect, test } from "vitest";
import { claimsOf, type Work } from "./claims.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");
const MINUTE = 60_000;
const apply: Work = { id: "op-1", verb: "apply", running: true, createdAt: NOW - MINUTE };

function part(stack: string, over: Partial<Work> = {}): Work {
  return { id: `op-1:${stack}`, verb: "converge", stack, parent: "op-1", running: false, createdAt: NOW - 50_000, ...over };
}

function claims(work: readonly Work[], leased: readonly string[] = []): Record<string, string> {
  const claim = claimsOf(work, new Set(leased), NOW);
  return { a: claim("a/production"), b: claim("b/production") };
}

describe("what the reconciler may do beside operations", () => {
  test("is everything where nothing runs", () => {
    expect(claims([])).toEqual({ a: "free", b: "free" });
  });

  test("is nothing where an operation holds the stack, and everything beside it", () => {
    expect(claims([{ ...apply, stack: "a/production" }], ["a/production"])).toEqual({ a: "theirs", b: "free" });
  });

  test("begins where the part of an operation on the whole fleet has ended, whatever its other parts do", () => {
    expect(claims([apply, part("a/production", { running: true }), part("b/production")])).toEqual({ a: "theirs", b: "free" });
  });

  test("leaves to an operation on the whole fleet what it is about to do", () => {
    expect(claims([apply, part("a/production")])).toEqual({ a: "free", b: "theirs" });
  });

  test("is to repair what an operation without progress has not begun", () => {
    const stuck = { ...apply, createdAt: NOW - 10 * MINUTE };
    expect(claims([stuck, part("a/production", { running: true, createdAt: NOW - 9 * MINUTE })])).toEqual({ a: "theirs", b: "repair" });
    const progress = part("a/production", { createdAt: NOW - 9 * MINUTE, finishedAt: NOW - MINUTE });
    expect(claims([stuck, progress])).toEqual({ a: "free", b: "theirs" });
  });

  test("does not wait for an operation of the future, which a clock that was put back has made", () => {
    expect(claims([{ ...apply, createdAt: NOW + 60 * MINUTE }])).toEqual({ a: "repair", b: "repair" });
  });

  test("is not bound by what has ended", () => {
    expect(claims([{ ...apply, running: false }])).toEqual({ a: "free", b: "free" });
  });
});
