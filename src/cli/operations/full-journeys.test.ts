import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadFleet } from "../../domain/fleet/load.ts";
import { fullJourneys } from "./full-journeys.ts";

test("one environment of each template runs the whole journey, production before its copies", () => {
  const text = readFileSync(join(import.meta.dirname, "../../../examples/regional-distributor/fleet.yaml"), "utf8");
  const loaded = loadFleet([{ path: "fleet.yaml", text }], { today: "2026-11-22" });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const environments = loaded.value.fleet.tenants.flatMap((tenant) => tenant.environments).toReversed();
  expect([...fullJourneys(environments)].sort()).toEqual(["central/production", "kiel/production"]);
  expect([...fullJourneys(environments.filter((one) => one.name === "staging"))]).toEqual(["central/staging"]);
});
