import { expect, test } from "vitest";
import { type Calendar, WEEKDAYS } from "../../domain/calendar/calendar.ts";
import { calendarDays } from "../../domain/calendar/days.ts";
import { coloursFor } from "../terminal/style.ts";
import { renderCalendar, renderCalendars } from "./calendar.ts";

const how = { colours: coloursFor({}, process.stdout, true), aligned: false };
const calendar: Calendar = {
  name: "dispatch",
  zone: "Europe/Berlin",
  coveredUntil: "2026-10-26",
  maintenance: [{ days: WEEKDAYS, from: "22:00", to: "02:30" }],
  freezes: [{ name: "counting", from: "2026-10-26", to: "2026-10-26", reason: "stocktaking" }],
  cutoffs: [{ name: "evening", days: ["sat"], at: "17:30", protectBeforeSeconds: 7200, protectAfterSeconds: 0 }],
  waves: [{ name: "morning", days: ["sat"], at: "06:00", durationSeconds: 3600 }],
  monthEnd: { protectBeforeSeconds: 86_400, protectAfterSeconds: 0 },
  peaks: [{ name: "autumn", from: "10-24", to: "10-24", factor: 1.5 }],
  holidays: { country: "DE", subdivision: "BB" },
};

function lines(from: string, count: number): string[] {
  return renderCalendar(calendar, calendarDays(calendar, from, count), how)
    .split("\n")
    .slice(2);
}

test("a day shows windows, what protects and why, what is expected, the change of the clock, and the end of coverage", () => {
  expect(lines("2026-10-24", 4)).toEqual([
    "Sat 2026-10-24 CEST\t00:00-02:30, 22:00-24:00\t15:30-17:30 cut-off evening 17:30\t× 1.5 peak autumn; wave morning 06:00-07:00\t",
    "Sun 2026-10-25 CET\t00:00 CEST-02:30 CEST, 22:00 CET-24:00 CET\t-\t× 1\tclocks go from CEST to 02:00 CET",
    "Mon 2026-10-26 CET\t-\t00:00-24:00 freeze counting: stocktaking\t× 1\tthe last day that is covered",
    "Tue 2026-10-27 CET\t-\t-\t× 1\tnot covered: closed",
  ]);
  expect(lines("2026-10-31", 1)).toEqual([
    "Sat 2026-10-31 CET\t-\t00:00-24:00 end of 2026-10\t× 1\tholiday Reformation Day; not covered: closed",
  ]);
});

test("a list says of each calendar whether it is open, or when it opens", () => {
  const summary = {
    name: "dispatch",
    zone: "Europe/Berlin",
    coveredUntil: "2028-12-31",
    open: false,
    nextOpenText: "2026-11-29 02:00 CET",
  };
  expect(renderCalendars([summary, { name: "night", zone: "UTC", coveredUntil: "2028-12-31", open: true }], how).split("\n")).toEqual([
    "CALENDAR\tZONE\tCOVERED\tMAINTENANCE",
    "dispatch\tEurope/Berlin\tuntil 2028-12-31\topens 2026-11-29 02:00 CET",
    "night\tUTC\tuntil 2028-12-31\topen now",
  ]);
  expect(renderCalendars([], how)).toBe("this fleet has no calendar");
});
