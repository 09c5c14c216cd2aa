import { isCompact } from "../../fleet/compact.ts";
import type { PolicyRule } from "../rule.ts";
import { environments, tierOf } from "../view.ts";

export const reportDeadlock: PolicyRule = {
  code: "BAL-P011",
  title: "Reports do not wait for themselves",
  severity: "error",
  reason:
    "A PDF calls Odoo back for its styles. As many reports as web processes wait for themselves: two stopped a whole tenant for more than ten minutes, restarts included.",
  check(view) {
    return environments(view).flatMap((environment) => {
      const { address, sizes } = environment;
      // Nobody works in an environment of the lowest class, and a compact one answers with threads.
      if (sizes.report.processes > 0 || isCompact(sizes) || tierOf(view, environment).priority <= 100) return [];
      const { processes } = sizes.web;
      const message = `sizes.report.processes is 0 beside ${processes} web processes: ${processes} reports at once stop everybody`;
      return [{ address, field: "sizes.report.processes", message, hint: "declare sizes: { report: { processes: 1 } }" }];
    });
  },
};
