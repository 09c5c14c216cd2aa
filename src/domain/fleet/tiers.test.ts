import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { explained, loaded, saidWith } from "../../../test/support/fleets.ts";
import { TIERS, tierNamed } from "./tiers.ts";

const EVERYTHING = readFileSync(join(import.meta.dirname, "golden", "everything.yaml"), "utf8");
const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");

const said = (kind: string, name: string, spec: string) => saidWith(HELLO, kind, name, spec);

test("a tier of a built-in name adjusts it in every field, in readable units", () => {
  const DAY = 86_400;
  expect(tierNamed(loaded(EVERYTHING).fleet.tiers, "business")).toEqual({
    name: "business",
    availabilityPercent: 99.95,
    pageP95Ms: 1500,
    jobWaitSeconds: 300,
    objectives: { node: { rpoSeconds: 0, rtoSeconds: 180 }, region: { rpoSeconds: 60, rtoSeconds: 7200 } },
    replica: "asynchronous",
    backup: { fullEverySeconds: DAY / 2, keepSeconds: 60 * DAY },
    proofEverySeconds: 3 * DAY,
    disasterRecovery: "warm-standby",
    approvals: 2,
    rollout: "rolling",
    drift: "report",
    priority: 850,
    degradationOrder: 5,
    keepUndeclaredSeconds: 45 * DAY,
    sizes: {
      webProcesses: 5,
      cronThreads: 2,
      jobSlots: 2,
      reportProcesses: 1,
      integrationProcesses: 1,
      postgresMemoryBytes: 3 * 1024 ** 3,
      postgresMaxConnections: 180,
    },
  });
});

test("a new tier starts from the adjusted one that it is based on, and the others stay as they are built in", () => {
  const { tiers } = loaded(EVERYTHING).fleet;
  expect(tiers["gold"]).toEqual({ ...tiers["business"], name: "gold", priority: 900 });
  expect([tiers["standard"], tiers["mission-critical"], tiers["development"]]).toEqual([
    TIERS.standard,
    TIERS["mission-critical"],
    TIERS.development,
  ]);
  expect(loaded(HELLO).fleet.tiers).toEqual(TIERS);
  expect(() => tierNamed(tiers, "constructor")).toThrow("no tier is named constructor");
});

test("what an environment takes from its tier is explained with the place where the tier says it", () => {
  const fleet = loaded(EVERYTHING);
  const { priority, approvals, "sizes.web.processes": processes } = explained(fleet, "acme/staging");
  const tier = explained(fleet, "tier/gold");
  const place = (field: string) => fleet.placeOf("tier/gold").replace(/\d+:\d+$/, field);
  expect([processes, approvals, tier["approvals"]]).toEqual(["5 | tier | gold", "2 | tier | gold", "2 | tier | business"]);
  expect(priority).toBe(`900 | tier | gold | ${tier["priority"]?.split(" | ")[2]}`);
  expect(priority).toMatch(new RegExp(`${place("\\d+:\\d+")}$`));
  expect(explained(loaded(HELLO), "tier/standard")["rollout"]).toBe("rolling | default");
});

test("a tier that is not there is refused with the one that was meant, and a new one says what it is based on", () => {
  expect(said("Pool", "more", "{ tier: buisness }")).toEqual([
    'BAL-F025 tier "buisness" is not declared; one of: business, development, mission-critical, standard. Did you mean "business"?',
  ]);
  expect(said("Tier", "silver", "{ priority: 700 }")).toEqual([
    "BAL-F019 basedOn is missing: silver is not built in; one of: mission-critical, business, standard, development",
  ]);
  expect(said("Tier", "standard", "{ basedOn: business }")).toEqual(["BAL-F019 basedOn is not allowed: standard is built in"]);
  expect(said("Tier", "standard", "{ objectives: { pageP95: 0ms, availability: 100% } }")).toEqual([
    "BAL-F030 pageP95 0ms: must be more than nothing",
    "BAL-F049 availability 100%: must be from 50% to 99.999%",
  ]);
});
