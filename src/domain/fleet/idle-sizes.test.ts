import { expect, test } from "vitest";
import { document, ground } from "../../../test/support/fleet-text.ts";
import { processGroups } from "../blueprint/process-groups.ts";
import { loadFleet } from "./load.ts";

function fleetWith(sizes: string) {
  const tenant = document(
    "Tenant",
    "acme",
    `
  owner: { name: Ada, email: ada@example.com }
  calendar: office
  environments: { production: { hosting: shared, pool: everyone, tier: development, sizes: ${sizes} } }`,
  );
  const text = [...ground("sized"), tenant].join("---\n");
  const result = loadFleet([{ path: "fleet.yaml", text }], { today: "2026-11-22" });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result;
}

function told(sizes: string): readonly string[] {
  return fleetWith(sizes)
    .warnings.filter(({ code }) => code === "BAL-B085")
    .map(({ message, at }) => `${at.replace(/:\d+$/, "")} ${message}`);
}

/** What runs, without the memory that it may take. */
function runs(sizes: string) {
  const environment = fleetWith(sizes).value.fleet.tenants[0]?.environments[0];
  return environment === undefined ? [] : processGroups(environment).map(({ name, workers }) => [name, workers]);
}

const TOGETHER = "with fewer than 3 web processes, and none for jobs, reports or integrations, one threaded process does all";

test("two web processes are one threaded process, which is said; three are three", () => {
  const at = "fleet.yaml:25 acme/production: sizes.web.processes has no effect";
  expect(told("{ web: { processes: 2 } }")).toEqual([`${at}: ${TOGETHER}; its memory alone follows from the number`]);
  expect(told("{ web: { processes: 2, memory: 1Gi } }")).toEqual([`${at}: ${TOGETHER}`]);
  expect(runs("{ web: { processes: 2, memory: 1Gi } }")).toEqual(runs("{ web: { processes: 1, memory: 1Gi } }"));
  expect(told("{ web: { processes: 1 } }")).toEqual([]);
  expect(told("{ web: { processes: 3 } }")).toEqual([]);
  expect(told("{ web: { processes: 2 }, report: { processes: 1 } }")).toEqual([]);
  expect(runs("{ web: { processes: 2 }, report: { processes: 1 } }")).toContainEqual(["odoo-web", 2]);
});

test("memory of what has no process of its own has no effect", () => {
  expect(told("{ cron: { memory: 1Gi }, websocket: { memory: 1Gi } }")).toEqual(
    ["cron", "websocket"].map((role) => `fleet.yaml:25 acme/production: sizes.${role}.memory has no effect: ${TOGETHER}`),
  );
  expect(told("{ web: { processes: 3 }, cron: { memory: 1Gi }, jobs: { memory: 1Gi } }")).toEqual([
    "fleet.yaml:25 acme/production: sizes.jobs.memory has no effect: sizes.jobs.slots is 0",
  ]);
  expect(told("{ report: { processes: 1, memory: 1Gi }, jobs: { slots: 1, memory: 1Gi } }")).toEqual([]);
});
