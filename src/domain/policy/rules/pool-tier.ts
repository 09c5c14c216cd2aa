import type { PolicyRule } from "../rule.ts";
import { environments, poolOf, tierOf } from "../view.ts";

export const poolTier: PolicyRule = {
  code: "BAL-P031",
  title: "A pool carries the class of service of its environments",
  severity: "warning",
  reason: "An environment is no better than the server that it shares: replica, priority and windows are those of the pool.",
  check(view) {
    return environments(view).flatMap((environment) => {
      const { address, tier } = environment;
      const pool = poolOf(view, environment);
      if (pool === undefined) return [];
      const [own, shared] = [tierOf(view, environment).priority, tierOf(view, pool).priority];
      if (own <= shared) return [];
      const message = `tier ${tier} (priority ${own}) on pool ${pool.name} of tier ${pool.tier} (priority ${shared})`;
      return [{ address, field: "tier", message, hint: `declare tier: ${tier} for the pool, or hosting: isolated` }];
    });
  },
};
