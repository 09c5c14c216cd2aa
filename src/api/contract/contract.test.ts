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
