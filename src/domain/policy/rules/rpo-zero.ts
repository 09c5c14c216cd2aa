import type { PolicyRule } from "../rule.ts";
import { environments, postgresOf, tierOf } from "../view.ts";

export const rpoZero: PolicyRule = {
  code: "BAL-P023",
  title: "No loss is promised only where nothing can be lost",
  severity: "warning",
  reason: "Only a commit that waits for a second server survives the loss of the first. Anything else loses the last moment.",
  check(view) {
    return environments(view).flatMap((environment) => {
      const { address, tier } = environment;
      const replica = postgresOf(view, environment)?.replica;
      if (tierOf(view, environment).objectives.node.rpoSeconds > 0 || replica === undefined || replica === "synchronous") return [];
      const message = `tier ${tier} promises that 0 s of data are lost with a node, and its PostgreSQL has replica ${replica}`;
      return [{ address, field: "tier", message, hint: "declare postgres: { replica: synchronous }, or objectives.node.rpo of the tier" }];
    });
  },
};
