import type { PolicyRule } from "../rule.ts";
import { daysUntil } from "../view.ts";

const NOTICE_DAYS = 90;

export const calendarCoverage: PolicyRule = {
  code: "BAL-P019",
  title: "Calendars are thought through in time",
  severity: "warning",
  reason:
    "Beyond its last day a calendar is closed: whoever notices on that day can change nothing until somebody has looked at a year of holidays.",
  check({ loaded, today }) {
    return loaded.fleet.calendars.flatMap(({ name, coveredUntil }) => {
      const days = daysUntil(today, coveredUntil);
      if (days < 0 || days >= NOTICE_DAYS) return [];
      const message = `coveredUntil ${coveredUntil} is ${days} days ahead; ${NOTICE_DAYS} are expected`;
      const hint = "look at its holidays and freezes for the time ahead, then move the date";
      return [{ address: `calendar/${name}`, field: "coveredUntil", message, hint }];
    });
  },
};
