import type { PolicyRule } from "../rule.ts";
import { productions, tierOf } from "../view.ts";

export const productionTier: PolicyRule = {
  code: "BAL-P015",
  title: "Production has a class of service for production",
  severity: "warning",
  reason:
    "The lowest class promises a day of lost data and a day of return, is released at once without approval, and is served last when there is too little for all.",
  check(view) {
    return productions(view).flatMap((environment) => {
      const { address, tier } = environment;
      const { priority, objectives } = tierOf(view, environment);
      if (priority > 100) return [];
      const hours = objectives.node.rpoSeconds / 3600;
      const message = `production on tier ${tier}, of priority ${priority}, which may lose ${hours} h of data; standard has 500`;
      return [{ address, field: "tier", message, hint: "declare tier: standard or a higher one" }];
    });
  },
};
