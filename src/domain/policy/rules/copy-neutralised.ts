import type { PolicyRule } from "../rule.ts";
import { databaseOf, environments } from "../view.ts";

export const copyNeutralised: PolicyRule = {
  code: "BAL-P017",
  title: "Copies are neutralised",
  severity: "error",
  reason: "A copy that still has its mail servers, carriers and scheduled jobs sends mails to customers and books shipments a second time.",
  check(view) {
    return environments(view).flatMap((environment) => {
      const { address, copyOf } = environment;
      if (copyOf === undefined || databaseOf(view, environment)?.spec.neutralised !== false) return [];
      const message = `is a copy of ${copyOf} and would not be neutralised: only production sends mails and calls carriers`;
      return [{ address, field: "copyOf", message, hint: "copy the other way round: production is where data comes from" }];
    });
  },
};
