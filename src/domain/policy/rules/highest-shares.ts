import type { PolicyRule } from "../rule.ts";
import { membersOf, poolOf, productions, tierOf } from "../view.ts";

const HIGHEST_PRIORITY = 1000;

export const highestShares: PolicyRule = {
  code: "BAL-P032",
  title: "The highest class of service shares its server with nobody",
  severity: "warning",
  reason: "Neighbours on one server are felt through locks, memory and disk, and a failover moves all of them at once.",
  check(view) {
    return productions(view).flatMap((environment) => {
      const { address, tier } = environment;
      const pool = poolOf(view, environment);
      if (pool === undefined || tierOf(view, environment).priority < HIGHEST_PRIORITY) return [];
      const neighbours = membersOf(view, pool).length - 1;
      if (neighbours === 0) return [];
      const message = `tier ${tier} shares the PostgreSQL of pool ${pool.name} with ${neighbours} other environments`;
      return [{ address, field: "hosting", message, hint: "declare hosting: isolated" }];
    });
  },
};
