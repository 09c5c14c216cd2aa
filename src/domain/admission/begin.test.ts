import { describe, expect, test } from "vitest";
import { type Asked, mayBegin, type Running, type Standing } from "./begin.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");
const fleet = "acme-fleet";
const apply: Asked = { fleet, id: "op-new", verb: "apply", work: "files-b", declares: new Set(["acme/production"]) };
const runningApply: Running = { id: "op-old", verb: "apply", work: "files-a", actor: "anna", begunBy: "person", createdAt: NOW - 12_000 };

function answer(asked: Asked, over: Partial<Standing>): string {
  const given = mayBegin(asked, { running: [], now: NOW, ...over });
  if (given.answer === "refuse") return given.problem.code;
  return given.answer === "join" ? `join ${given.operation}` : given.answer;
}

const VERBS: readonly Asked[] = [
  apply,
  { fleet, id: "op-new", verb: "rotate", work: "r" },
  { fleet, id: "op-new", verb: "journey", stack: "acme/production", work: "j" },
  { fleet, id: "op-new", verb: "remove", stack: "acme/production", work: "d" },
  { fleet, id: "op-new", verb: "stop", work: "s" },
];
const deleting: Asked = { fleet, id: "op-new", verb: "remove", work: "all" };

describe("an operation that is asked for", () => {
  test("begins where nothing runs", () => {
    expect([...VERBS, deleting].map((asked) => answer(asked, {}))).toEqual(Array.from({ length: 6 }, () => "begin"));
  });

  test("joins the same work that runs, whoever began it", () => {
    expect(answer({ ...apply, work: "files-a" }, { running: [runningApply] })).toBe("join op-old");
    expect(answer(deleting, { running: [{ ...runningApply, verb: "remove", work: "all" }] })).toBe("join op-old");
  });

  test("joins what does the same and may do more, and not what may do less", () => {
    const asked = { ...apply, work: "files-a" };
    const now = { ...runningApply, beyond: new Set(["--now"]) };
    const all = { ...runningApply, beyond: new Set(["--now", "--recreate acme/production"]) };
    expect(answer(asked, { running: [now] })).toBe("join op-old");
    expect(answer({ ...asked, beyond: new Set(["--now"]) }, { running: [all] })).toBe("join op-old");
    const more = { ...asked, beyond: new Set(["--now", "--recreate acme/production"]) };
    expect(mayBegin(more, { running: [now], now: NOW })).toMatchObject({
      answer: "refuse",
      problem: { code: "BAL-W030", message: expect.stringContaining("was begun without --recreate acme/production") as string },
    });
    expect(answer({ ...asked, beyond: new Set(["--now"]) }, { running: [runningApply] })).toBe("BAL-W030");
  });

  test("does not join what a stop ends: it is told to wait for that", () => {
    const running = [runningApply, { ...runningApply, id: "op-stop", verb: "stop", work: "s" }];
    expect(answer({ ...apply, work: "files-a" }, { running, ending: new Set(["op-old"]) })).toBe("BAL-W030");
  });

  test("is refused whole beside other work on the same stacks, and told which, by whom and how to follow it", () => {
    const given = mayBegin(apply, { running: [runningApply], now: NOW });
    expect(given).toEqual({
      answer: "refuse",
      problem: {
        code: "BAL-W030",
        severity: "error",
        at: "acme-fleet",
        message: "nothing was begun or changed: apply op-old by anna has run for 12 s on the same stacks, and does something else",
        hint: "follow it, and ask again after it: ./ballast operations op-old",
      },
    });
    const rotation: Running = { ...runningApply, verb: "rotate", work: "r" };
    const stop: Running = { ...runningApply, verb: "stop", work: "s" };
    expect([rotation, stop].map((running) => answer(apply, { running: [running] }))).toEqual(["BAL-W030", "BAL-W030"]);
  });

  test("does not meet work on other stacks, nor what the reconciler began", () => {
    const others: readonly Running[] = [
      { ...runningApply, verb: "journey", stack: "acme/production" },
      { ...runningApply, verb: "remove", stack: "gone/production" },
      { ...runningApply, begunBy: "reconciler" },
      { ...runningApply, begunBy: "reconciler", verb: "converge", stack: "acme/production" },
    ];
    expect(others.map((one) => answer(apply, { running: [one] }))).toEqual(["begin", "begin", "begin", "begin"]);
    // Whatever its id looks like.
    expect(answer(apply, { running: [{ ...runningApply, id: "return-x" }] })).toBe("BAL-W030");
    expect(answer(apply, { running: [{ ...runningApply, verb: "remove", stack: "acme/production" }] })).toBe("BAL-W030");
  });

  test("is refused by a fleet that is being deleted, whatever it is", () => {
    const deletion = { operation: "op-gone", state: "running" } as const;
    expect([...VERBS, deleting].map((asked) => answer(asked, { deletion }))).toEqual(Array.from({ length: 6 }, () => "BAL-W029"));
  });

  test("is refused by a fleet that is deleted, but for the deletion once more", () => {
    const deletion = { operation: "op-gone", state: "done" } as const;
    expect(VERBS.map((asked) => answer(asked, { deletion }))).toEqual(Array.from({ length: 5 }, () => "BAL-W029"));
    expect(answer(deleting, { deletion })).toBe("begin");
  });

  test("may be the deletion beside whatever runs: that ends before its next change", () => {
    expect(answer(deleting, { running: [runningApply] })).toBe("begin");
  });

  test("starts nothing in a fleet that is stopped or is being stopped, unless it brings it up", () => {
    const stop: Running = { ...runningApply, id: "op-stop", verb: "stop", work: "halt" };
    // In the order of VERBS: apply, rotate, journey, remove, stop.
    expect(VERBS.map((asked) => answer(asked, { stopped: { operation: "op-stop" } }))).toEqual([
      "begin",
      "BAL-W076",
      "BAL-W076",
      "begin",
      "begin",
    ]);
    expect(VERBS.map((asked) => answer(asked, { stopped: { operation: "op-stop" }, running: [stop] }))).toEqual([
      "BAL-W030",
      "BAL-W076",
      "BAL-W076",
      "begin",
      "begin",
    ]);
    expect([...VERBS.filter(({ verb }) => verb === "journey"), deleting].map((asked) => answer(asked, { running: [stop] }))).toEqual([
      "BAL-W076",
      "begin",
    ]);
    expect(
      mayBegin({ ...apply, verb: "journey", stack: "acme/production" }, { running: [], stopped: { operation: "op-stop" }, now: NOW }),
    ).toEqual({
      answer: "refuse",
      problem: {
        code: "BAL-W076",
        severity: "error",
        at: "acme/production",
        message: "nothing was begun: the fleet is stopped by operation op-stop, and journey would start something of it",
        hint: "bring it up first: ./ballast up",
      },
    });
  });
});
