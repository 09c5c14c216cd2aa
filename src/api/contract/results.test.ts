import { expect, test } from "vitest";
import { endOf } from "./results.ts";

const problem = { code: "BAL-E007", severity: "error", at: "acme/production/odoo", message: "ended" } as const;
const held = { node: "acme/production/odoo", because: "outside maintenance" };

test("what waits and what was wrong is read of the result of every verb, and of none", () => {
  const repair = { stack: "acme/production", state: "failed", changed: [], held: [held], kept: [], problems: [problem] };
  expect(endOf(repair)).toEqual({ held: [held], problems: [problem] });
  expect(endOf({ state: "failed", stacks: [{ ...repair, problems: [] }], problems: [problem] })).toEqual({
    held: [held],
    problems: [problem],
  });
  expect(endOf({ state: "failed", full: [], reading: [], problems: [problem] })).toEqual({ held: [], problems: [problem] });
  expect(endOf({ state: "failed", stopped: [], problems: [problem] })).toEqual({ held: [], problems: [problem] });
  expect([endOf(null), endOf("running")]).toEqual(Array(2).fill({ held: [], problems: [] }));
});
