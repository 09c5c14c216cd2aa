import { poolSize } from "../../blueprint/connections.ts";
import type { PolicyRule } from "../rule.ts";
import { environments, postgresOf } from "../view.ts";

export const webProcesses: PolicyRule = {
  code: "BAL-P010",
  title: "Web processes do not outnumber what the database stands",
  severity: "warning",
  reason:
    "More web processes conflict on the same rows and sleep while they retry: invoices fell from 10 to 4.5 a second with eight writers, and beyond the pooler's connections processes only wait.",
  check(view) {
    return environments(view).flatMap((environment) => {
      const { address, sizes } = environment;
      const most = postgresOf(view, environment)?.maxConnections;
      if (most === undefined || sizes.web.processes <= poolSize(most)) return [];
      const message = `sizes.web.processes is ${sizes.web.processes}, and the pooler gives one tenant ${poolSize(most)} connections (of max_connections ${most})`;
      const hint = `declare at most ${poolSize(most)} web processes, or a larger postgres.maxConnections`;
      return [{ address, field: "sizes.web.processes", message, hint }];
    });
  },
};
