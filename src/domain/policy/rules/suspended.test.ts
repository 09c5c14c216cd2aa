import { expect, test } from "vitest";
import { told } from "../../../../test/support/policy.ts";

test("a suspended production is brought to mind, a suspended staging is nobody's trouble", () => {
  const shared = "hosting: shared, pool: all";
  expect(told("BAL-P040", { environments: `production: { ${shared}, suspended: true }` })).toEqual([
    "note acme/production: is suspended: nobody gets in, and its data is kept without a date",
  ]);
  const staging = `production: { ${shared} }, staging: { ${shared}, suspended: true }`;
  expect(told("BAL-P040", { environments: staging })).toEqual([]);
});
