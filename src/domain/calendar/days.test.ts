import { expect, test } from "vitest";
import { type Calendar, WEEKDAYS } from "./calendar.ts";
import { calendarDays } from "./days.ts";

const at = (iso: string) => Date.parse(iso);
const berlin: Calendar = {
  name: "dispatch",
  zone: "Europe/Berlin",
  coveredUntil: "2026-12-25",
  maintenance: [{ days: WEEKDAYS, from: "22:00", to: "04:00" }],
  freezes: [{ name: "stocktaking", from: "2026-12-24T23:00", to: "2026-12-24T23:30", reason: "counting" }],
  cutoffs: [{ name: "evening", days: WEEKDAYS, at: "22:30", protectBeforeSeconds: 3600, protectAfterSeconds: 0 }],
  waves: [{ name: "morning", days: WEEKDAYS, at: "06:00", durationSeconds: 3600 }],
  peaks: [{ name: "christmas", from: "11-15", to: "12-24", factor: 2.4 }],
  holidays: { country: "DE" },
};
const span = (from: string, to: string) => ({ start: at(from), end: at(to) });

test("a day shows what is open, protected and expected, cut at its midnights, and where coverage ends", () => {
  const [eve, christmas, after] = calendarDays(berlin, "2026-12-24", 3);
  expect(eve).toEqual({
    date: "2026-12-24",
    weekday: "thu",
    ...span("2026-12-24T00:00+01:00", "2026-12-25T00:00+01:00"),
    open: [
      span("2026-12-24T00:00+01:00", "2026-12-24T04:00+01:00"),
      span("2026-12-24T22:30+01:00", "2026-12-24T23:00+01:00"),
      span("2026-12-24T23:30+01:00", "2026-12-25T00:00+01:00"),
    ],
    protectedBy: [
      {
        kind: "cutoff",
        effect: "deny",
        calendar: "dispatch",
        name: "evening",
        ...span("2026-12-24T21:30+01:00", "2026-12-24T22:30+01:00"),
        at: at("2026-12-24T22:30+01:00"),
      },
      {
        kind: "freeze",
        effect: "deny",
        calendar: "dispatch",
        name: "stocktaking",
        ...span("2026-12-24T23:00+01:00", "2026-12-24T23:30+01:00"),
        reason: "counting",
      },
    ],
    waves: [
      {
        kind: "wave",
        effect: "inform",
        calendar: "dispatch",
        name: "morning",
        ...span("2026-12-24T06:00+01:00", "2026-12-24T07:00+01:00"),
      },
    ],
    expected: { factor: 2.4, because: "peak christmas" },
    coverage: "covered",
  });
  expect(christmas).toEqual({
    date: "2026-12-25",
    weekday: "fri",
    ...span("2026-12-25T00:00+01:00", "2026-12-26T00:00+01:00"),
    open: [span("2026-12-25T00:00+01:00", "2026-12-25T04:00+01:00"), span("2026-12-25T22:00+01:00", "2026-12-26T00:00+01:00")],
    protectedBy: [],
    waves: [],
    expected: { factor: 1, because: "an ordinary day" },
    holiday: "Christmas Day",
    coverage: "ends",
  });
  expect([after?.coverage, after?.open]).toEqual(["beyond", []]);
});

test("the days of both clock changes say so, and are 23 and 25 hours long", () => {
  const days = ["2026-03-29", "2026-10-25"].flatMap((date) => calendarDays(berlin, date, 1));
  expect(days.map((day) => [(day.end - day.start) / 3_600_000, day.clockChange])).toEqual([
    [23, { at: at("2026-03-29T01:00Z"), from: "CET", to: "CEST" }],
    [25, { at: at("2026-10-25T01:00Z"), from: "CEST", to: "CET" }],
  ]);
  expect(calendarDays({ ...berlin, zone: "UTC" }, "2026-03-29", 1)[0]?.clockChange).toBeUndefined();
});
