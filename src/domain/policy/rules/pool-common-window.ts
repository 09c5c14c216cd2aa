import { HORIZON_DAYS, stateOfAll } from "../../calendar/state.ts";
import type { PolicyRule } from "../rule.ts";
import { membersOf, noonOf } from "../view.ts";

export const poolCommonWindow: PolicyRule = {
  code: "BAL-P021",
  title: "The tenants of a pool have a window in common",
  severity: "warning",
  reason: "A change of a pool's server closes all of its tenants, so all of their calendars must be open at once.",
  check(view) {
    const { calendars, pools } = view.loaded.fleet;
    return pools.flatMap((pool) => {
      const names = new Set(
        membersOf(view, pool)
          .filter((one) => one.name === "production")
          .map((one) => one.calendar),
      );
      const bound = calendars.filter((calendar) => names.has(calendar.name) && calendar.maintenance.length > 0);
      if (bound.length < 2 || stateOfAll(bound, noonOf(view.today)).nextOpen !== undefined) return [];
      const shown = bound.map((calendar) => calendar.name).join(", ");
      const message = `calendars ${shown} are not open together once in the next ${HORIZON_DAYS} days`;
      return [{ address: `pool/${pool.name}`, message, hint: "give them a window in common, or its tenants pools by calendar" }];
    });
  },
};
