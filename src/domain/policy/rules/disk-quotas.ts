import { formatSize } from "../../../kernel/quantity.ts";
import type { PolicyRule } from "../rule.ts";
import { membersOf } from "../view.ts";

export const diskQuotas: PolicyRule = {
  code: "BAL-P034",
  title: "The disk of a pool holds what its tenants were granted",
  severity: "warning",
  reason: "A full disk stops PostgreSQL, and with it every tenant of the pool, not only the one who filled it.",
  check(view) {
    return view.loaded.fleet.pools.flatMap((pool) => {
      const { storageBytes } = pool.postgres;
      const granted = membersOf(view, pool).reduce((sum, { quotas }) => sum + (quotas.diskBytes ?? 0), 0);
      if (storageBytes === undefined || granted <= storageBytes) return [];
      const message = `postgres.storage is ${formatSize(storageBytes)}, and quotas.disk of its environments add up to ${formatSize(granted)}`;
      return [
        {
          address: `pool/${pool.name}`,
          field: "postgres.storage",
          message,
          hint: `declare postgres: { storage: ${formatSize(granted)} }, or smaller quotas`,
        },
      ];
    });
  },
};
