import type { PolicyRule } from "../rule.ts";

const MOST_PERCENT = 20;

export const retryBudget: PolicyRule = {
  code: "BAL-P027",
  title: "Retries do not make a failure worse",
  severity: "warning",
  reason:
    "Every retry is a call more to a system that fails already, and a process of ours that waits: Odoo sleeps between retries inside the process that serves people.",
  check({ loaded }) {
    return loaded.fleet.integrations.flatMap(({ name, retryBudgetPercent }) => {
      if (retryBudgetPercent <= MOST_PERCENT) return [];
      const message = `retryBudget is ${retryBudgetPercent}%, and at most ${MOST_PERCENT}% are expected`;
      return [{ address: `integration/${name}`, field: "retryBudget", message, hint: "declare retryBudget: 10%" }];
    });
  },
};
