import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { explain } from "./explain.ts";
import { loadFleet } from "./load.ts";
import type { LoadedFleet, Source } from "./model.ts";

const WALKTHROUGH = readFileSync(join(import.meta.dirname, "golden", "walkthrough.yaml"), "utf8");

function loaded(text: string): LoadedFleet {
  const result = loadFleet([{ path: "fleet.yaml", text }], { today: "2026-11-22" });
  if (!result.ok) throw new Error(JSON.stringify(result.problems, undefined, 2));
  return result.value;
}

function shownSource(source: Source): string {
  switch (source.kind) {
    case "file":
      return source.at;
    case "tier":
      return `tier ${source.tier}`;
    case "pool":
      return `pool ${source.pool}`;
    case "fleet":
    case "default":
      return source.kind;
    default:
      return source satisfies never;
  }
}

test("explain gives every effective value of an environment and its source", () => {
  const explained = explain(loaded(WALKTHROUGH), "central/production");
  const lines = explained.ok
    ? explained.value.map((one) => `${one.field} = ${one.value} (${shownSource(one.source)})${one.because ? ` ${one.because}` : ""}`)
    : [];
  expect(lines).toEqual([
    "hosting = isolated (fleet.yaml:51:16)",
    "tier = mission-critical (fleet.yaml:53:13)",
    "region = here (fleet.yaml:52:15)",
    "calendar = dispatch-berlin (fleet.yaml:46:13) the tenant's",
    "series = 19.0 (fleet.yaml:54:15)",
    "modules = purchase sale_management sale_stock stock stock_delivery (default)",
    "domain = central.nordwind.localhost (fleet) made from the name and the domain of the fleet",
    "sizes.web.processes = 4 (fleet.yaml:55:34)",
    "sizes.cron.threads = 2 (tier mission-critical)",
    "sizes.jobs.slots = 2 (tier mission-critical)",
    "sizes.report.processes = 1 (tier mission-critical)",
    "sizes.integration.processes = 1 (tier mission-critical)",
    "sizes.web.memory = 1280Mi (default) 256Mi, and 256Mi for each of 4",
    "sizes.websocket.memory = 256Mi (default)",
    "sizes.cron.memory = 768Mi (default) 256Mi, and 256Mi for each of 2",
    "sizes.jobs.memory = 768Mi (default) 256Mi, and 256Mi for each of 2",
    "sizes.report.memory = 448Mi (default) 256Mi, and 192Mi for each of 1",
    "sizes.integration.memory = 512Mi (default) 256Mi, and 256Mi for each of 1",
    "postgres.memory = 2Gi (tier mission-critical)",
    "postgres.maxConnections = 200 (tier mission-critical)",
    "postgres.replica = synchronous (tier mission-critical)",
    "objectives.availability = 99.95 % (tier mission-critical)",
    "objectives.pageP95 = 1500 ms (tier mission-critical)",
    "objectives.jobWait = 5m (tier mission-critical)",
    "objectives.node.rpo = none (tier mission-critical)",
    "objectives.node.rto = 2m (tier mission-critical)",
    "objectives.region.rpo = 2m (tier mission-critical)",
    "objectives.region.rto = 30m (tier mission-critical)",
    "replica = synchronous (tier mission-critical)",
    "backup.fullEvery = 1d (tier mission-critical)",
    "backup.keep = 35d (tier mission-critical)",
    "proofEvery = 1d (tier mission-critical)",
    "disasterRecovery = warm-standby (tier mission-critical)",
    "approvals = 2 (tier mission-critical)",
    "rollout = canary (tier mission-critical)",
    "drift = report (tier mission-critical)",
    "priority = 1000 (tier mission-critical)",
    "degradationOrder = 4 (tier mission-critical)",
    "keepUndeclared = 90d (tier mission-critical)",
  ]);
});
