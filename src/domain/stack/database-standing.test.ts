import { expect, test } from "vitest";
import { planStack } from "../plan/plan.ts";
import { standingOf } from "./database-standing.ts";
import { driftOf } from "./drift.ts";
import type { Stack, StackNode } from "./node.ts";
import { specHash } from "./node.ts";
import type { Observation } from "./observation.ts";
import { healthOf } from "./status.ts";

const NODE = {
  id: "acme/production/database",
  kind: "database",
  spec: { name: "acme_production", role: "acme_production", settings: {} },
  uses: [],
  from: [],
} as unknown as StackNode<"database">;
const STACK: Stack = { id: "acme/production", role: "environment", nodes: [NODE] };

function seen(found: { name: string; open?: boolean }, others: readonly string[] = []): Observation {
  const standing = standingOf({ open: true, ...found }, NODE.spec.name, new Set([found.name, ...others]));
  const value = { declared: NODE, hash: specHash(NODE), facts: {}, ...standing };
  return { stack: STACK.id, at: 0, nodes: new Map([[NODE.id, { state: "present", at: 0, value }]]) };
}

test("a database under its name that accepts connections serves, and nothing is to be done", () => {
  const observation = seen({ name: "acme_production" }, ["nova_production"]);
  expect(healthOf(STACK, observation)).toEqual({ state: "serving", because: [], drift: [] });
  expect(planStack(STACK, observation)).toEqual({ stack: STACK.id, changes: [], obstacles: [] });
});

test("a database that somebody renamed fails, is said by status and drift, and is named back at once", () => {
  const observation = seen({ name: "acme_old" });
  expect(healthOf(STACK, observation)).toMatchObject({
    state: "degraded",
    because: ["acme/production/database is failing (is named acme_old instead of acme_production)"],
  });
  expect(driftOf(STACK, observation)).toEqual([
    { node: NODE.id, kind: "failing", says: "is failing: is named acme_old instead of acme_production" },
    { node: NODE.id, kind: "edited", field: "name", says: "name acme_production → acme_old" },
  ]);
  const { changes, obstacles } = planStack(STACK, observation);
  expect(obstacles).toEqual([]);
  expect(changes).toMatchObject([{ node: NODE.id, verb: "update", impact: { interruption: "none", closedSeconds: 0 } }]);
});

test("one that was closed to connections fails, and is opened", () => {
  const observation = seen({ name: "acme_production", open: false });
  expect(driftOf(STACK, observation).map((one) => one.says)).toEqual([
    "is failing: accepts no connections",
    "open to connections true → false",
  ]);
  expect(planStack(STACK, observation).changes).toMatchObject([{ verb: "update" }]);
});

test("where another database has its name now, nothing is planned, and the plan says which two there are", () => {
  const observation = seen({ name: "acme_old" }, ["acme_production"]);
  expect(planStack(STACK, observation)).toEqual({
    stack: STACK.id,
    changes: [],
    obstacles: [
      {
        node: NODE.id,
        kind: "refused",
        because:
          "its database is named acme_old, and another database stands under its name acme_production: neither is changed; rename or drop the other one (ALTER DATABASE acme_production RENAME TO …)",
      },
    ],
  });
  expect(healthOf(STACK, observation).state).toBe("degraded");
});
