import type { PolicyRule } from "../rule.ts";
import { environments } from "../view.ts";

export const quotaJobSlots: PolicyRule = {
  code: "BAL-P004",
  title: "Queued jobs stay within their quota",
  severity: "error",
  reason: "A quota is what the owner of the platform granted; sizes that exceed it were never agreed.",
  check(view) {
    return environments(view).flatMap(({ address, sizes: { jobs }, quotas }) => {
      if (quotas.jobSlots === undefined || jobs.slots <= quotas.jobSlots) return [];
      const message = `sizes.jobs.slots is ${jobs.slots}, and quotas.jobSlots allows ${quotas.jobSlots}`;
      const hint = `declare sizes.jobs.slots: ${quotas.jobSlots}, or a larger quota`;
      return [{ address, field: "sizes.jobs.slots", message, hint }];
    });
  },
};
