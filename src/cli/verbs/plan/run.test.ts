import { expect, test } from "vitest";
import type { FleetPlan } from "../../../api/contract/contract.ts";
import { exitOfPlan } from "./run.ts";

const plan: FleetPlan = { fleet: "roads", revision: "r", stacks: [], notes: [], findings: [] };
const question = { code: "BAL-A041", severity: "error", at: "roads", message: "these files close the only production" } as const;

test("who asks for the exit code is told of an open question as of a refusal, before any change", () => {
  const exits = (planned: FleetPlan) =>
    [true, false].flatMap((told) => [true, false].map((changes) => exitOfPlan(planned, { told, changes })));
  expect(exits(plan)).toEqual([3, 0, 0, 0]);
  expect(exits({ ...plan, questions: [] })).toEqual([3, 0, 0, 0]);
  expect(exits({ ...plan, questions: [question] })).toEqual([1, 1, 0, 0]);
});
