import { expect, test } from "vitest";
import type { ConvergeResult } from "../converge/request.ts";
import { oneResultPerStack, problemsOfAll } from "./one-result.ts";

const result = (over: Partial<ConvergeResult>): ConvergeResult => ({
  stack: "old/production",
  state: "done",
  changed: [],
  held: [],
  kept: [],
  problems: [],
  ...over,
});
const changed = (name: string) => ({ node: `old/production/${name}`, verb: "remove" }) as const;
const held = (name: string) => ({ node: `old/production/${name}`, because: "maintenance opens Sat 02:00" });
const problem = { code: "BAL-W005", severity: "error", at: "old/production/odoo", message: "still to remove" } as const;

test("a stack that is come to twice has one result: all that was changed, and what waits once", () => {
  const first = result({ state: "held", held: [held("odoo"), held("route")] });
  const second = result({ state: "held", held: [held("odoo"), held("route"), held("boundary")], kept: ["old/production/database"] });
  expect(oneResultPerStack([first, result({ stack: "new/production" }), second])).toEqual([
    { ...first, kept: ["old/production/database"] },
    result({ stack: "new/production" }),
  ]);
  const done = oneResultPerStack([result({ changed: [changed("odoo")] }), result({ changed: [changed("api-key")] })]);
  expect(done).toEqual([result({ changed: [changed("odoo"), changed("api-key")] })]);
});

test("the worse of two ends is the end, and what is wrong is said once", () => {
  const failed = result({ state: "failed", problems: [problem] });
  expect(oneResultPerStack([failed, result({ state: "held", held: [held("odoo")], problems: [problem] })])).toEqual([
    { ...failed, held: [held("odoo")] },
  ]);
});

test("what stops several stacks for one reason is said once, with their names; what is of one stack stays as it is", () => {
  const problem = (code: string, at: string, message: string) => ({ code, severity: "error", at, message }) as const;
  const stopped = problem("BAL-W054", "op-1", "left: the fleet was stopped meanwhile");
  const own = problem("BAL-W080", "a/production", "cannot be seen now");
  const of = (stack: string, ...problems: (typeof own)[]) =>
    ({ stack, state: "failed", changed: [], held: [], kept: [], problems }) as ConvergeResult;
  expect(problemsOfAll([of("a/production", stopped, own), of("b/production", stopped), of("platform/here", stopped)])).toEqual([
    { ...stopped, message: "left: the fleet was stopped meanwhile (3 stacks: a/production, b/production, platform/here)" },
    own,
  ]);
  expect(problemsOfAll([of("a/production", stopped)])).toEqual([stopped]);
  const many = Array.from({ length: 12 }, (_, index) => of(`t${index}/production`, stopped));
  expect(problemsOfAll(many).map(({ message }) => message)).toEqual([expect.stringMatching(/^left: .* \(12 stacks: t0.* and 2 more\)$/)]);
});
