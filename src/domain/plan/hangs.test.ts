import { expect, test } from "vitest";
import { seenAs } from "../../../test/support/arbitrary-stack.ts";
import type { AnyNode, Stack } from "../stack/node.ts";
import { planStack } from "./plan.ts";

const ODOO = "acme/production/odoo";
const SECRET = {
  id: ODOO,
  kind: "secret",
  spec: { purpose: "role-password", bytes: 24, generation: 1 },
  uses: [],
  from: [],
} as unknown as AnyNode;
const STACK: Stack = { id: "acme/production", role: "environment", nodes: [SECRET] };

function planned(more: object) {
  const seen = seenAs(STACK, "failing");
  const observation = seen.nodes.get(ODOO);
  if (observation?.state !== "present") throw new Error("not seen");
  const nodes = new Map([[ODOO, { ...observation, value: { ...observation.value, ...more } }]]);
  return planStack(STACK, { ...seen, nodes }).changes.map(({ verb, restarts, because, impact }) => ({
    verb,
    restarts,
    because: because[0]?.text,
    interruption: impact.interruption,
  }));
}

test("what hangs is restarted, and since it serves nobody no window is waited for", () => {
  const because = "runs, and has given no sign of life for more than a minute";
  expect(planned({ hangs: true, because })).toEqual([
    { verb: "start", restarts: true, because: `failing: ${because}`, interruption: "none" },
  ]);
});

test("what fails otherwise is waited for and never restarted", () => {
  expect(planned({ because: "restarting" })).toEqual([
    { verb: "start", restarts: undefined, because: "failing: restarting", interruption: "none" },
  ]);
});
