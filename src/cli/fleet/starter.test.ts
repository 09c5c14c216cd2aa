import fc from "fast-check";
import { expect, test } from "vitest";
import { holidayCountries } from "../../domain/calendar/holidays.ts";
import { loadFleet } from "../../domain/fleet/load.ts";
import { type Starter, starterLines } from "./starter.ts";

const STARTER: Starter = {
  name: "nordwind",
  tenants: ["hamburg", "bremen"],
  country: "DE",
  zone: "Europe/Berlin",
  series: "19.0",
  hosting: "shared",
  coveredUntil: "2028-12-31",
  holidays: true,
};

function load(starter: Starter) {
  const text = starterLines(starter)
    .map((line) => line.text)
    .join("\n");
  return loadFleet([{ path: "fleet.yaml", text }], { today: "2026-11-22" });
}

test("a starter of any country loads without a word, shared or isolated", () => {
  for (const country of [...holidayCountries(), "MA"]) {
    for (const hosting of ["shared", "isolated"]) {
      const result = load({ ...STARTER, country, hosting, holidays: country !== "MA", domain: "odoo.example.com" });
      expect(result.ok ? result.warnings : result.problems).toEqual([]);
      const hosts = result.ok ? result.value.fleet.tenants.flatMap((tenant) => tenant.environments.map((one) => one.host)) : [];
      expect(hosts).toEqual(["bremen.odoo.example.com", "hamburg.odoo.example.com"]);
    }
  }
});

test("whatever is typed stays one value of one field: it is taken as it is, or refused", () => {
  const typed = fc.oneof(fc.string(), fc.constantFrom("x }\nspec: {}", "a: b", "null", "true", '"', "#", "---\nkind: Pool", "acme"));
  fc.assert(
    fc.property(typed, typed, typed, (name, tenant, domain) => {
      const result = load({ ...STARTER, name, tenants: [tenant], domain });
      const taken = result.ok
        ? [result.value.fleet].map((one) => [one.name, one.domain, one.tenants.map((two) => two.name), one.pools.length])
        : [];
      const refused = result.ok ? 0 : result.problems.filter((problem) => problem.severity === "error").length;
      expect(refused > 0 ? [[name, domain, [tenant], 1]] : taken).toEqual([[name, domain, [tenant], 1]]);
    }),
    { numRuns: 300 },
  );
});
