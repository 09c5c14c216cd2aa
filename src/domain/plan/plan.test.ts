import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryObservation, arbitraryStack, seenAs } from "../../../test/support/arbitrary-stack.ts";
import { compareNodes } from "../stack/compare.ts";
import { type AnyNode, type Stack, specHash } from "../stack/node.ts";
import { ADOPTED, nothingSeen, type Observation } from "../stack/observation.ts";
import { isEmpty, type StackPlan } from "./change.ts";
import { planStack } from "./plan.ts";

/** Carries a plan out in the mind: what an engine would see afterwards. */
function carriedOut(plan: StackPlan, seen: Observation): Observation {
  const nodes = new Map(seen.nodes);
  for (const change of plan.changes) {
    if (change.verb === "remove") nodes.delete(change.node);
    else if (change.verb !== "keep" && change.desired !== undefined) {
      nodes.set(change.node, {
        state: "present",
        at: 1,
        value: { declared: change.desired, hash: specHash(change.desired), condition: "serving", facts: {} },
      });
    }
  }
  return { ...seen, nodes };
}

describe("laws of planning", () => {
  test("nothing differs, nothing is planned", () => {
    fc.assert(
      fc.property(arbitraryStack(), (stack) => {
        expect(planStack(stack, seenAs(stack))).toEqual({ stack: stack.id, changes: [], obstacles: [] });
      }),
    );
  });

  test("a plan that was carried out leaves nothing to plan, whatever was there before", () => {
    fc.assert(
      fc.property(arbitraryStack(), arbitraryStack(), (before, after) => {
        const seen = seenAs(before);
        const plan = planStack(after, seen);
        if (plan.obstacles.length > 0) return;
        expect(isEmpty(planStack(after, carriedOut(plan, seen)))).toBe(true);
      }),
    );
  });

  test("what is unknown is never changed, and never silently passed over", () => {
    fc.assert(
      fc.property(
        arbitraryStack().chain((stack) => arbitraryObservation(stack).map((seen) => ({ stack, seen }))),
        ({ stack, seen }) => {
          const plan = planStack(stack, seen);
          const unknown = [...seen.nodes].filter(([, observation]) => observation.state === "unknown").map(([id]) => id);
          expect(plan.changes.filter((change) => unknown.includes(change.node))).toEqual([]);
          expect(plan.obstacles.map((obstacle) => obstacle.node).sort()).toEqual(unknown.sort());
        },
      ),
    );
  });

  test("only with a stack of which nothing is there is anything new; else it is not there", () => {
    fc.assert(
      fc.property(
        arbitraryStack().chain((stack) => arbitraryObservation(stack).map((seen) => ({ stack, seen }))),
        ({ stack, seen }) => {
          const made = planStack(stack, seen).changes.filter((change) => change.verb === "create");
          const isHere = stack.nodes.some((node) => seen.nodes.get(node.id)?.state === "present");
          expect(new Set(made.flatMap((change) => change.because.map((one) => one.text)))).toEqual(
            new Set(made.length === 0 ? [] : [isHere ? "not there" : "new"]),
          );
        },
      ),
    );
  });

  test("foundations come before those who stand on them when making, and after them when removing", () => {
    fc.assert(
      fc.property(arbitraryStack(), (stack) => {
        const made = planStack(stack, nothingSeen(stack.id, 0)).changes.map((change) => change.node);
        const gone = planStack({ ...stack, nodes: [] }, seenAs(stack), "remove-all").changes.map((change) => change.node);
        for (const node of stack.nodes) {
          for (const edge of node.uses) {
            expect(made.indexOf(edge.to)).toBeLessThan(made.indexOf(node.id));
            expect(gone.indexOf(edge.to)).toBeGreaterThan(gone.indexOf(node.id));
          }
        }
      }),
    );
  });

  test("no data goes and nothing that data stands on goes unless everything is to go", () => {
    fc.assert(
      fc.property(arbitraryStack(), (stack) => {
        const plan = planStack({ ...stack, nodes: [] }, seenAs(stack));
        expect(plan.changes.filter((change) => change.impact.irreversible)).toEqual([]);
        const removed = new Set(plan.changes.filter((change) => change.verb === "remove").map((change) => change.node));
        const kept = stack.nodes.filter((node) => !removed.has(node.id));
        expect(kept.flatMap((node) => node.uses.filter((edge) => removed.has(edge.to)))).toEqual([]);
      }),
    );
  });

  test("two declarations differ in no field exactly when their hashes agree", () => {
    fc.assert(
      fc.property(arbitraryStack(), arbitraryStack(), (a, b) => {
        for (const left of a.nodes) {
          for (const right of b.nodes) {
            if (left.kind !== right.kind) continue;
            expect(compareNodes(left, right).length === 0).toBe(specHash(left) === specHash(right));
          }
        }
      }),
    );
  });
});

describe("reasons and impact", () => {
  const from = [{ at: "fleet.yaml:58:3", what: "environment central/production" }];
  const postgres: AnyNode = {
    id: "pool/p/postgres",
    kind: "postgres",
    spec: { image: "i", memoryMiB: 2048, cpuShares: 1024, pidsLimit: 100, epoch: 1, settings: { max_connections: "100" } },
    uses: [{ to: "pool/p/superuser-password", as: "credential" }],
    from,
  };
  const secret: AnyNode = {
    id: "pool/p/superuser-password",
    kind: "secret",
    spec: { purpose: "superuser-password", bytes: 24, generation: 1 },
    uses: [],
    from: [],
  };
  const pool: Stack = { id: "pool/p", role: "pool", nodes: [secret, postgres] };

  test("a changed field is named with both values, the place that asked for it, and what it costs", () => {
    const larger: AnyNode = { ...postgres, spec: { ...postgres.spec, memoryMiB: 3072, settings: { max_connections: "120" } } };
    expect(planStack({ ...pool, nodes: [secret, larger] }, seenAs(pool)).changes).toEqual([
      {
        node: "pool/p/postgres",
        kind: "postgres",
        verb: "update",
        desired: larger,
        observed: postgres,
        because: [
          {
            text: "memoryMiB 2048 → 3072, settings.max_connections 100 → 120",
            fields: [
              { field: "memoryMiB", before: 2048, after: 3072 },
              { field: "settings.max_connections", before: "100", after: "120" },
            ],
            from: from[0],
          },
        ],
        impact: { interruption: "closed", closedSeconds: 8, irreversible: false, says: "restart, about 8 s downtime" },
        after: [],
      },
    ]);
  });

  test("a change of what does not serve closes nobody, so that no window can keep it down", () => {
    const larger: AnyNode = { ...postgres, spec: { ...postgres.spec, memoryMiB: 3072 } };
    const [change] = planStack({ ...pool, nodes: [secret, larger] }, seenAs(pool, "stopped")).changes.filter(
      (one) => one.verb === "update",
    );
    expect(change?.impact).toEqual({ interruption: "none", closedSeconds: 0, irreversible: false, says: "stopped anyway" });
  });

  test("a line that moved in its file changes nothing", () => {
    const moved = { ...postgres, from: [{ at: "fleet.yaml:99:1", what: "elsewhere" }] };
    expect(isEmpty(planStack({ ...pool, nodes: [secret, moved] }, seenAs(pool)))).toBe(true);
  });

  test("who uses a rotated credential differs until it knows the new one, and says which, also where the secret itself is changed already", () => {
    const rotated: AnyNode = { ...secret, spec: { purpose: "superuser-password", bytes: 24, generation: 2 } };
    const uses = postgres.uses.map((edge) => (edge.as === "credential" ? { ...edge, generation: 2 } : edge));
    const wanted: Stack = { ...pool, nodes: [rotated, { ...postgres, uses } as AnyNode] };
    const told = (seen: Observation) => planStack(wanted, seen).changes.map((one) => [one.node, one.verb, one.because[0]?.text, one.after]);
    expect(told(seenAs(pool))).toEqual([
      ["pool/p/superuser-password", "update", "generation 1 → 2", []],
      ["pool/p/postgres", "update", "superuser-password 1 → 2", ["pool/p/superuser-password"]],
    ]);
    expect(told(seenAs({ ...pool, nodes: [rotated, postgres] }))).toEqual([["pool/p/postgres", "update", "superuser-password 1 → 2", []]]);
  });

  test("a stopped process is started, which nobody can notice more than they already do", () => {
    const changes = planStack(pool, seenAs(pool, "stopped")).changes;
    expect(changes.map((change) => [change.node, change.verb, change.impact.interruption])).toEqual([
      ["pool/p/superuser-password", "start", "none"],
      ["pool/p/postgres", "start", "none"],
    ]);
  });

  const spec = {
    name: "a",
    role: "a",
    connectionLimit: 5,
    series: "19.0",
    settings: {},
    reportUrl: "r",
    baseUrl: "u",
    neutralised: false,
    adminLogin: "admin",
  };

  test("a name that data carries cannot change, and the refusal says which", () => {
    const database: AnyNode = { id: "t/production/database", kind: "database", spec, uses: [], from: [] };
    const stack: Stack = { id: "t/production", role: "environment", nodes: [database] };
    const renamed: Stack = { ...stack, nodes: [{ ...database, spec: { ...spec, name: "b", connectionLimit: 6 } }] };
    expect(planStack(renamed, seenAs(stack))).toEqual({
      stack: "t/production",
      changes: [],
      obstacles: [{ node: "t/production/database", kind: "refused", because: "name a → b: cannot change on a database that holds data" }],
    });
  });

  test("the address of a database that somebody replaced is not written over until it is adopted; then it is told what is its own", () => {
    const database: AnyNode = { id: "t/production/database", kind: "database", spec, uses: [], from: [] };
    const stack: Stack = { id: "t/production", role: "environment", nodes: [database] };
    const moved: Stack = { ...stack, nodes: [{ ...database, spec: { ...spec, baseUrl: "https://new.example" } }] };
    const observation = (more: object): Observation => {
      const value = { declared: database, hash: specHash(database), condition: "serving" as const, facts: {}, ...more };
      return { stack: stack.id, at: 0, nodes: new Map([[database.id, { state: "present", at: 0, value }]]) };
    };
    const replaced = observation({
      edits: [{ field: "web.base.url", made: "https://a.example", found: "https://b.example", repair: "report" }],
    });
    expect(planStack(moved, replaced)).toMatchObject({ changes: [], obstacles: [{ node: database.id, kind: "refused" }] });
    const rotated: Stack = {
      ...stack,
      nodes: [{ ...database, uses: [{ to: "t/production/role-password", as: "credential", generation: 2 }] }],
    };
    expect(planStack(rotated, replaced).changes.map((one) => one.verb)).toEqual(["update"]);
    const adopted = planStack(stack, observation({ hash: ADOPTED })).changes;
    expect(adopted.map(({ verb, because }) => [verb, because[0]?.text])).toEqual([["update", "adopted, and told what is the stack's own"]]);
  });

  test("a tenant declared in another pool is refused, rather than begun again, empty, beside its own data", () => {
    const inPool = (pool: string): Stack => ({
      id: "t/production",
      role: "environment",
      nodes: [{ id: "t/production/database", kind: "database", spec, uses: [{ to: `pool/${pool}/postgres`, as: "sql" }], from: [] }],
    });
    expect(planStack(inPool("new"), seenAs(inPool("old")))).toEqual({
      stack: "t/production",
      changes: [],
      obstacles: [
        {
          node: "t/production/database",
          kind: "refused",
          because:
            "sql pool/old/postgres → pool/new/postgres: the data of a database does not move by itself, and this version cannot move it",
        },
      ],
    });
  });

  test("what stood inside a wall that is gone is recreated with it, although it only had to be started", () => {
    const wall: AnyNode = { id: "pool/p/boundary", kind: "boundary", spec: { outward: "none" }, uses: [], from: [] };
    const inside: AnyNode = { ...postgres, uses: [{ to: "pool/p/boundary", as: "inside" }] };
    const stack: Stack = { ...pool, nodes: [wall, inside] };
    const seen = { ...seenAs(stack, "stopped"), nodes: new Map([...seenAs(stack, "stopped").nodes].slice(1)) };
    expect(planStack(stack, seen).changes.map((change) => [change.node, change.verb, change.impact.interruption, change.after])).toEqual([
      ["pool/p/boundary", "create", "none", []],
      ["pool/p/postgres", "update", "none", ["pool/p/boundary"]],
    ]);
  });
});
