import type { PolicyRule } from "../rule.ts";

export const suspendedProduction: PolicyRule = {
  code: "BAL-P040",
  title: "A suspended production is not forgotten",
  severity: "note",
  reason: "What nobody works on still holds its data, its disk and its place on a server, and no journey or alert reminds anybody of it.",
  check({ loaded }) {
    return loaded.fleet.tenants
      .flatMap((tenant) => tenant.environments)
      .filter((environment) => environment.name === "production" && environment.suspended)
      .map(({ address }) => ({
        address,
        field: "suspended",
        message: "is suspended: nobody gets in, and its data is kept without a date",
        hint: "take it out of the fleet to have it kept until a date, or remove suspended to open it again",
      }));
  },
};
