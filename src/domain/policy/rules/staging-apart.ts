import type { PolicyRule } from "../rule.ts";
import { environments, productions } from "../view.ts";

export const stagingApart: PolicyRule = {
  code: "BAL-P016",
  title: "Rehearsals do not share production's database server",
  severity: "warning",
  reason: "What is rehearsed, a migration or a load, takes locks, memory and disk of the server on which production works.",
  check(view) {
    const pools = new Map(productions(view).map((one) => [one.tenant, one.hosting === "shared" ? one.pool : undefined]));
    return environments(view).flatMap((environment) => {
      const { address, name, tenant, hosting } = environment;
      if (name === "production" || hosting !== "shared" || pools.get(tenant) !== environment.pool) return [];
      const message = `shares pool ${environment.pool} with ${tenant}/production; a rehearsal there is felt by production`;
      return [{ address, field: "pool", message, hint: "declare a pool for rehearsals, or hosting: isolated" }];
    });
  },
};
