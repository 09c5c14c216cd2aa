import { expect, test } from "vitest";
import { OperationId, StartOperation } from "./contract.ts";

test("an operation that somebody begins bears no id as what the reconciler begins does; it may be asked after by any", () => {
  const saysOf = (id: string) =>
    StartOperation.safeParse({ verb: "journey", id, actor: "anna", stack: "acme/production" }).error?.issues.map((one) => one.message);
  expect(["reconcile-x", "return-x"].map(saysOf)).toEqual([
    ["begins as what the reconciler begins"],
    ["begins as what the reconciler begins"],
  ]);
  expect(["op-1", "returned", "my-return-x"].map(saysOf)).toEqual([undefined, undefined, undefined]);
  expect(OperationId.safeParse("reconcile-x").success).toBe(true);
});

test("what a person writes holds no character that a fleet's file may not hold, at each place where words are taken", () => {
  const begun = { id: "op-1", actor: "anna" };
  const requests: readonly ((words: string) => unknown)[] = [
    (words) => ({ ...begun, verb: "stop", reason: words }),
    (words) => ({ ...begun, verb: "stop", confirmed: words }),
    (words) => ({ ...begun, verb: "stop", actor: words }),
    (words) => ({ ...begun, verb: "rotate", override: { reason: words } }),
    (words) => ({ ...begun, verb: "apply", files: [{ path: "a.yaml", text: "" }], override: { reason: words } }),
    (words) => ({ ...begun, verb: "remove", confirmed: words }),
  ];
  const unseen = ["\u0007", "\u2028", "\ud800", "\u202a", "\u202e", "\u2066", "\u2069", "\ufeff", "\uffff"];
  const taken = (request: (words: string) => unknown, words: string) => StartOperation.safeParse(request(words)).success;
  for (const request of requests) {
    expect(unseen.filter((character) => taken(request, `hel${character}lo`))).toEqual([]);
    expect(taken(request, "Größe 5, \u05e9\u05dc\u05d5\u05dd 👍")).toBe(true);
  }
});
