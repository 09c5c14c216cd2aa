import { KEPT_BACK } from "../../blueprint/connections.ts";
import type { PolicyRule } from "../rule.ts";
import { databaseOf, membersOf } from "../view.ts";

export const poolConnections: PolicyRule = {
  code: "BAL-P008",
  title: "A pool's tenants fit into its connections",
  severity: "note",
  reason:
    "When all tenants of a pool are busy at once the last ones wait in the pooler, and what goes past it is refused, whatever their own limits say.",
  check(view) {
    return view.loaded.fleet.pools.flatMap((pool) => {
      const limits = membersOf(view, pool).flatMap((environment) => databaseOf(view, environment)?.spec.connectionLimit ?? []);
      const sum = limits.reduce((total, limit) => total + limit, 0);
      const free = pool.postgres.maxConnections - KEPT_BACK;
      if (sum <= free) return [];
      const message = `its ${limits.length} environments may open ${sum} connections together, and its PostgreSQL gives ${free} (${pool.postgres.maxConnections} less ${KEPT_BACK} kept back)`;
      const hint = `declare postgres: { maxConnections: ${sum + KEPT_BACK} }, quotas.connections for its environments, or a second pool`;
      return [{ address: `pool/${pool.name}`, field: "postgres.maxConnections", message, hint }];
    });
  },
};
