import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isCompact } from "../fleet/compact.ts";
import type { Sizes } from "../fleet/model.ts";
import { connectionLimit, connectionsPerProcess, poolerClients, poolSize } from "./connections.ts";
import { groupOf, type ProcessGroup, processGroups } from "./process-groups.ts";

const GIB = 1024 ** 3;

function sizes(web: number, rest: { jobs?: number; report?: number; integration?: number; cron?: number } = {}): Sizes {
  return {
    web: { processes: web, memoryBytes: GIB },
    websocket: { memoryBytes: GIB / 4 },
    cron: { threads: rest.cron ?? 1, memoryBytes: GIB / 2 },
    jobs: { slots: rest.jobs ?? 0, memoryBytes: GIB / 2 },
    report: { processes: rest.report ?? 0, memoryBytes: GIB / 2 },
    integration: { processes: rest.integration ?? 0, memoryBytes: GIB / 2 },
  };
}

function shown(groups: readonly ProcessGroup[]): readonly string[] {
  return groups.map((group) => `${group.name} ${group.workers}+${group.cronThreads}+${group.jobSlots} ${group.connects}`);
}

describe("the containers of an environment", () => {
  test("a small tenant is one threaded process, which also keeps a report from waiting for itself", () => {
    expect(shown(processGroups({ sizes: sizes(2) }))).toEqual(["odoo 0+1+0 pooled"]);
  });

  test("from three web processes on each role has its own, and what listens or works long goes past the pooler", () => {
    expect(shown(processGroups({ sizes: sizes(4, { jobs: 2, report: 1, integration: 1, cron: 2 }) }))).toEqual([
      "odoo-web 4+0+0 pooled",
      "odoo-websocket 0+0+0 direct",
      "odoo-cron 1+2+0 direct",
      "odoo-jobs 3+0+2 direct",
      "odoo-report 1+0+0 pooled",
      "odoo-integration 1+0+0 pooled",
    ]);
  });

  test("queued jobs alone are reason enough to split", () => {
    expect(isCompact(sizes(1, { jobs: 1 }))).toBe(false);
  });

  test("a role without processes of its own is answered by those that answer people", () => {
    const groups = processGroups({ sizes: sizes(3) });
    expect([groupOf(groups, "report").name, groupOf(groups, "websocket").name]).toEqual(["odoo-web", "odoo-websocket"]);
  });
});

describe("connections", () => {
  test("three tenants at their busiest fit on one server, whatever it can hold", () => {
    expect([50, 100, 200, 5000].map(poolSize)).toEqual([12, 29, 32, 32]);
    fc.assert(
      fc.property(fc.integer({ min: 37, max: 5000 }), (most) => {
        expect(3 * poolSize(most)).toBeLessThanOrEqual(most - 13);
      }),
    );
  });

  test("one tenant may have a quarter of the pooler's clients, whatever the server can hold", () => {
    expect([20, 100, 150, 5000].map((most) => poolerClients(most))).toEqual([
      { ofOneRole: 500, ofAll: 2000 },
      { ofOneRole: 500, ofAll: 2000 },
      { ofOneRole: 750, ofAll: 3000 },
      { ofOneRole: 1000, ofAll: 4000 },
    ]);
  });

  test("a threaded process may hold enough for reports that call it back, a prefork one a few", () => {
    expect(processGroups({ sizes: sizes(1) }).map(connectionsPerProcess)).toEqual([48]);
    expect(processGroups({ sizes: sizes(4) }).map(connectionsPerProcess)).toEqual([8, 16, 8]);
  });

  test("a role may hold what the pooler opens for it and what goes past it; a quota lowers that", () => {
    const small = processGroups({ sizes: sizes(1) });
    expect([connectionLimit(small, 100, undefined), connectionLimit(small, 100, 20)]).toEqual([37, 20]);
    const large = processGroups({ sizes: sizes(4, { jobs: 2, cron: 2 }) });
    expect(connectionLimit(large, 200, undefined)).toBe(32 + 6 + 4 + (2 + 4 + 4) + (6 + 2 + 4) + 2);
  });
});
