import type { PolicyRule } from "../rule.ts";
import { productions } from "../view.ts";

export const maintenanceWindow: PolicyRule = {
  code: "BAL-P018",
  title: "Production can be maintained",
  severity: "warning",
  reason: "What closes production waits for a maintenance window. Without any it waits for ever, security corrections included.",
  check(view) {
    const windows = new Map(view.loaded.fleet.calendars.map((calendar) => [calendar.name, calendar.maintenance.length]));
    return productions(view).flatMap(({ address, calendar }) => {
      if (windows.get(calendar) !== 0) return [];
      const message = `calendar ${calendar} has 0 maintenance windows: changes that close it are held for ever`;
      const hint = `declare maintenance: [{ days: [sun], from: "02:00", to: "05:00" }] in calendar ${calendar}`;
      return [{ address, field: "calendar", message, hint }];
    });
  },
};
