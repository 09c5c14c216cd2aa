import type { PolicyRule, PolicyView } from "../rule.ts";
import { productions } from "../view.ts";

function integrationsOf({ loaded }: PolicyView, tenant: string): readonly string[] {
  return loaded.fleet.tenants.find((one) => one.name === tenant)?.integrations ?? [];
}

export const integrationProcesses: PolicyRule = {
  code: "BAL-P029",
  title: "Other systems are answered by processes of their own",
  severity: "warning",
  reason: "Without them a slow carrier or a marketplace at its peak holds the processes that answer people.",
  check(view) {
    return productions(view).flatMap(({ address, tenant, sizes }) => {
      const used = integrationsOf(view, tenant);
      if (used.length === 0 || sizes.integration.processes > 0) return [];
      const message = `it has ${used.length} integrations (${used.join(", ")}) and 0 integration processes`;
      return [{ address, field: "sizes.integration.processes", message, hint: "declare sizes: { integration: { processes: 1 } }" }];
    });
  },
};
