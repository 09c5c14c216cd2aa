import { HORIZON_DAYS, stateAt } from "../../calendar/state.ts";
import type { PolicyRule } from "../rule.ts";
import { noonOf, productions } from "../view.ts";

export const calendarNeverOpens: PolicyRule = {
  code: "BAL-P020",
  title: "Maintenance windows are not all protected away",
  severity: "warning",
  reason: "Freezes, cut-offs and month ends win over maintenance. Where they cover every window no disruptive change is ever admitted.",
  check(view) {
    const used = new Set(productions(view).map((environment) => environment.calendar));
    return view.loaded.fleet.calendars.flatMap((calendar) => {
      const { name, maintenance, coveredUntil } = calendar;
      if (!used.has(name) || maintenance.length === 0 || coveredUntil < view.today) return [];
      if (stateAt(calendar, noonOf(view.today)).nextOpen !== undefined) return [];
      const message = `none of its ${maintenance.length} maintenance windows is open in the next ${HORIZON_DAYS} days`;
      return [
        {
          address: `calendar/${name}`,
          field: "maintenance",
          message,
          hint: `ballast calendar FOLDER ${name} --days ${HORIZON_DAYS} shows what protects them`,
        },
      ];
    });
  },
};
