import type { Environment } from "../../fleet/model.ts";
import type { PolicyRule, PolicyView } from "../rule.ts";
import { productions, tierOf } from "../view.ts";

/** Regions to which an environment could go: another one, whose law its residency allows. */
function others({ loaded }: PolicyView, { tenant, region }: Environment): readonly string[] {
  const residency = loaded.fleet.tenants.find((one) => one.name === tenant)?.residency;
  return loaded.fleet.regions
    .filter((one) => one.name !== region && (residency === undefined || residency.includes(one.jurisdiction)))
    .map((one) => one.name);
}

export const standbyRegion: PolicyRule = {
  code: "BAL-P022",
  title: "A warm standby has somewhere to stand",
  severity: "note",
  reason:
    "A tier that promises a warm standby needs a second region that the tenant's residency allows. With one region, losing it means rebuilding.",
  check(view) {
    return productions(view).flatMap((environment) => {
      const { address, tier } = environment;
      const { disasterRecovery, objectives } = tierOf(view, environment);
      if (disasterRecovery !== "warm-standby" || others(view, environment).length > 0) return [];
      const minutes = objectives.region.rtoSeconds / 60;
      const message = `tier ${tier} promises a warm standby within ${minutes} min, and 0 other regions may hold its data`;
      return [
        {
          address,
          field: "tier",
          message,
          hint: "declare a second Region with role: warm-standby, or a tier with disasterRecovery: rapid-rebuild",
        },
      ];
    });
  },
};
