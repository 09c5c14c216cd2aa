import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { load, loaded, told } from "../../../test/support/fleets.ts";

const WALKTHROUGH = readFileSync(join(import.meta.dirname, "golden", "walkthrough.yaml"), "utf8");

const MIB = 1024 ** 2;

function compactSizes(webProcesses: number) {
  return {
    web: { processes: webProcesses, memoryBytes: (256 + 256 * webProcesses) * MIB },
    websocket: { memoryBytes: 256 * MIB },
    cron: { threads: 1, memoryBytes: 512 * MIB },
    jobs: { slots: 0, memoryBytes: 256 * MIB },
    report: { processes: 0, memoryBytes: 256 * MIB },
    integration: { processes: 0, memoryBytes: 256 * MIB },
  };
}

test("the example of the walkthrough loads word for word, and is told which of its fields have no effect yet", () => {
  expect(told(load(WALKTHROUGH))).toEqual([
    "fleet.yaml:5:3 BAL-B085 warning fleet: operatingModel has no effect in this version",
    "fleet.yaml:61:77 BAL-B085 warning integration/dhl-express: timeout has no effect in this version",
    "fleet.yaml:61:90 BAL-B085 warning integration/dhl-express: retryBudget has no effect in this version",
    "fleet.yaml:61:108 BAL-B085 warning integration/dhl-express: onFailure has no effect in this version",
  ]);
  const { fleet } = loaded(WALKTHROUGH);
  expect(fleet.tenants.flatMap((tenant) => tenant.environments)).toEqual([
    {
      address: "central/production",
      tenant: "central",
      name: "production",
      hosting: "isolated",
      region: "here",
      calendar: "dispatch-berlin",
      tier: "mission-critical",
      series: "19.0",
      modules: ["purchase", "sale_management", "sale_stock", "stock", "stock_delivery"],
      host: "central.nordwind.localhost",
      sizes: {
        web: { processes: 4, memoryBytes: 1280 * MIB },
        websocket: { memoryBytes: 256 * MIB },
        cron: { threads: 2, memoryBytes: 768 * MIB },
        jobs: { slots: 2, memoryBytes: 768 * MIB },
        report: { processes: 1, memoryBytes: 448 * MIB },
        integration: { processes: 1, memoryBytes: 512 * MIB },
      },
      quotas: {},
      suspended: false,
      postgres: { memoryBytes: 2048 * MIB, maxConnections: 200, replica: "synchronous" },
    },
    {
      address: "central/staging",
      tenant: "central",
      name: "staging",
      hosting: "isolated",
      region: "here",
      calendar: "dispatch-berlin",
      tier: "development",
      series: "19.0",
      modules: ["purchase", "sale_management", "sale_stock", "stock", "stock_delivery"],
      host: "staging.central.nordwind.localhost",
      sizes: compactSizes(1),
      quotas: {},
      suspended: false,
      postgres: { memoryBytes: 512 * MIB, maxConnections: 50, replica: "none" },
      copyOf: "production",
    },
    {
      address: "hamburg/production",
      tenant: "hamburg",
      name: "production",
      hosting: "shared",
      pool: "subsidiaries",
      region: "here",
      calendar: "dispatch-berlin",
      tier: "standard",
      series: "19.0",
      modules: ["purchase", "sale_management", "sale_stock", "stock", "stock_delivery"],
      host: "hamburg.nordwind.localhost",
      sizes: compactSizes(2),
      quotas: {},
      suspended: false,
    },
  ]);
  expect(fleet.calendars).toEqual([
    {
      name: "dispatch-berlin",
      zone: "Europe/Berlin",
      coveredUntil: "2028-12-31",
      holidays: { country: "DE", subdivision: "BE" },
      maintenance: [{ days: ["sun"], from: "02:00", to: "05:00" }],
      freezes: [],
      cutoffs: [
        {
          name: "evening-dispatch",
          days: ["mon", "tue", "wed", "thu", "fri"],
          at: "17:30",
          protectBeforeSeconds: 7200,
          protectAfterSeconds: 0,
        },
      ],
      waves: [],
      monthEnd: { protectBeforeSeconds: 86_400, protectAfterSeconds: 172_800 },
      peaks: [{ name: "christmas", from: "11-15", to: "12-24", factor: 2.4 }],
    },
  ]);
});
