import { describe, expect, test } from "vitest";
import { seenAs } from "../../../test/support/arbitrary-stack.ts";
import type { Change } from "../../domain/plan/change.ts";
import { planStack } from "../../domain/plan/plan.ts";
import { NO_DOWNTIME } from "../../domain/stack/kinds/kind.ts";
import type { AnyNode, Stack } from "../../domain/stack/node.ts";
import type { Observation } from "../../domain/stack/observation.ts";
import { type Desired, decide, failedMeanwhile, leftUndone } from "./decide.ts";

const server: AnyNode = {
  id: "pool/p/postgres",
  kind: "postgres",
  spec: { image: "i", memoryMiB: 1, cpuShares: 1, pidsLimit: 1, epoch: 1, settings: {} },
  uses: [],
  from: [],
};
const template: AnyNode = {
  id: "pool/p/template",
  kind: "template",
  spec: { image: "i", series: "19.0", modules: [] },
  uses: [{ to: "pool/p/postgres", as: "sql" }],
  from: [],
};
const pool: Stack = { id: "pool/p", role: "pool", nodes: [server, template] };
const desired: Desired = { actor: { kind: "person", name: "ana" }, closing: "keep-data" };
const snapshot = { protectedByCalendar: false, nameToConfirm: "nordwind" };

function templateUnknown(condition: "serving" | "stopped"): Observation {
  const nodes = new Map(seenAs(pool, condition).nodes).set("pool/p/template", {
    state: "unknown",
    since: 0,
    because: "pool/p/postgres is stopped",
  });
  return { stack: "pool/p", at: 0, nodes };
}

describe("deciding what to do with a stack", () => {
  test("a server that is down hides its databases: it is started, and then they are looked at", () => {
    const decision = decide({ desired: pool, seen: templateUnknown("stopped"), snapshot, now: 0 }, desired);
    expect([
      decision.verdict,
      decision.waves.map((wave) => wave.map((change) => `${change.verb} ${change.node}`)),
      decision.unjudged,
    ]).toEqual(["allow", [["start pool/p/postgres"]], ["pool/p/template"]]);
  });

  test("what stays unknown although nothing is left to do first is said as unknown, and nothing is done", () => {
    const decision = decide({ desired: pool, seen: templateUnknown("serving"), snapshot, now: 0 }, desired);
    expect([decision.verdict, decision.waves, decision.problems]).toEqual([
      "unknown",
      [],
      [{ code: "BAL-W003", severity: "error", at: "pool/p/template", message: "pool/p/postgres is stopped" }],
    ]);
  });

  test("a stack that another operation holds is refused with a code", () => {
    const held = { ...snapshot, heldBy: { operation: "op-1", since: 0 } };
    const decision = decide({ desired: pool, seen: { stack: "pool/p", at: 0, nodes: new Map() }, snapshot: held, now: 5000 }, desired);
    expect([decision.verdict, decision.problems.map((problem) => problem.code)]).toEqual(["deny", ["BAL-W002"]]);
  });

  test("what is left of a node that nobody touched failed meanwhile; of one that was started, or could not be seen, it is a failure", () => {
    const decision = decide({ desired: pool, seen: seenAs(pool, "stopped"), snapshot, now: 0 }, desired);
    const left = (at: string, code = "BAL-W005") => ({ code, severity: "error", at, message: "still to start: failing" }) as const;
    const touched = decision.waves.flat()[0]?.node ?? "";
    expect(
      [[left("pool/p/other")], [left(touched), left("pool/p/other")], [left("pool/p/other", "BAL-W003")], []].map((problems) =>
        failedMeanwhile(problems, decision),
      ),
    ).toEqual([true, false, false, false]);
  });

  test("a page that does not come failed meanwhile where the Odoo of pages was not changed, and is a failure of the change where it was", () => {
    const noPage = { code: "BAL-W044", severity: "error", at: "pool/p", message: "the page answered 502" } as const;
    const odoo = (role: "web" | "cron") =>
      ({ ...server, id: `pool/p/odoo-${role}`, kind: "odoo", spec: { roles: [role] } }) as unknown as AnyNode;
    const start = (desired: AnyNode): Change => {
      const { id: node, kind } = desired;
      return { node, kind, verb: "start", desired, because: [], impact: NO_DOWNTIME, after: [] };
    };
    const judged = [server, odoo("cron"), odoo("web")].map((node) => failedMeanwhile([noPage], { waves: [[start(node)]] }));
    expect(judged).toEqual([true, true, false]);
  });

  test("afterwards, held parts may be left to do and nothing else may", () => {
    const plan = planStack(pool, seenAs(pool, "stopped"));
    expect(leftUndone(plan, { held: [{ node: "pool/p/template", because: "window" }] })).toEqual([
      { code: "BAL-W005", severity: "error", at: "pool/p/postgres", message: "still to start: stopped" },
    ]);
  });
});
