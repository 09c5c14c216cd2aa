import { mebibytes } from "../../blueprint/sizing.ts";
import type { PolicyRule } from "../rule.ts";
import { environments, odooNodesOf } from "../view.ts";

export const quotaMemory: PolicyRule = {
  code: "BAL-P001",
  title: "The memory quota holds what the processes may use",
  severity: "error",
  reason:
    "Below the sum of its containers' limits the quota of the environment is met first, and the kernel ends whichever process asks next.",
  check(view) {
    return environments(view).flatMap((environment) => {
      const { address, quotas } = environment;
      const sum = odooNodesOf(view, environment).reduce((total, node) => total + node.spec.memoryMiB, 0);
      const quota = quotas.memoryBytes === undefined ? sum : mebibytes(quotas.memoryBytes);
      if (quota >= sum) return [];
      const message = `quotas.memory is ${quota} MiB, and its Odoo processes may use ${sum} MiB together`;
      return [{ address, field: "quotas.memory", message, hint: `declare quotas.memory: ${sum}Mi or more, or smaller sizes` }];
    });
  },
};
