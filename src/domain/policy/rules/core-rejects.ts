import type { PolicyRule } from "../rule.ts";

export const coreRejects: PolicyRule = {
  code: "BAL-P025",
  title: "What the business hangs on does not simply refuse",
  severity: "warning",
  reason:
    "When a carrier fails Odoo takes the whole booking back, and nothing of it stays in the database; the warehouse stands still until the carrier returns.",
  check({ loaded }) {
    return loaded.fleet.integrations.flatMap(({ name, criticality, onFailure }) => {
      if (criticality !== "core" || onFailure !== "reject") return [];
      const message = "criticality core with onFailure reject: each of its failures stops the work that needs it";
      return [{ address: `integration/${name}`, field: "onFailure", message, hint: "declare onFailure: queue, or manual" }];
    });
  },
};
