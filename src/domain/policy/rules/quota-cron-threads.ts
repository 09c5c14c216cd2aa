import type { PolicyRule } from "../rule.ts";
import { environments } from "../view.ts";

export const quotaCronThreads: PolicyRule = {
  code: "BAL-P003",
  title: "Scheduled jobs stay within their quota",
  severity: "error",
  reason: "A quota is what the owner of the platform granted; sizes that exceed it were never agreed.",
  check(view) {
    return environments(view).flatMap(({ address, sizes: { cron }, quotas }) => {
      if (quotas.cronThreads === undefined || cron.threads <= quotas.cronThreads) return [];
      const message = `sizes.cron.threads is ${cron.threads}, and quotas.cronThreads allows ${quotas.cronThreads}`;
      const hint = `declare sizes.cron.threads: ${quotas.cronThreads}, or a larger quota`;
      return [{ address, field: "sizes.cron.threads", message, hint }];
    });
  },
};
