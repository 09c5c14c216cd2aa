import { connectionLimit } from "../../blueprint/connections.ts";
import { processGroups } from "../../blueprint/process-groups.ts";
import type { PolicyRule } from "../rule.ts";
import { environments, postgresOf } from "../view.ts";

export const quotaConnections: PolicyRule = {
  code: "BAL-P002",
  title: "The connection quota holds what the processes open",
  severity: "error",
  reason: "What the pooler and the processes open beyond the limit of the role is refused by PostgreSQL, and people see an error page.",
  check(view) {
    return environments(view).flatMap((environment) => {
      const { address, quotas } = environment;
      const most = postgresOf(view, environment)?.maxConnections;
      if (quotas.connections === undefined || most === undefined) return [];
      const needed = connectionLimit(processGroups(environment), most, undefined);
      if (quotas.connections >= needed) return [];
      const message = `quotas.connections is ${quotas.connections}, and its pooler and processes may open ${needed}`;
      return [{ address, field: "quotas.connections", message, hint: `declare quotas.connections: ${needed} or more, or smaller sizes` }];
    });
  },
};
