import { expect, test } from "vitest";
import { type Calendar, type Occurrence, WEEKDAYS } from "./calendar.ts";
import { factorAt } from "./factor.ts";
import { formatInstant, zoneAbbreviation } from "./format.ts";
import { occurrences } from "./occurrences.ts";
import { stateAt, stateOfAll } from "./state.ts";
import { zoneMistake } from "./zone.ts";

const at = (iso: string) => Date.parse(iso);
const iso = (instant: number | undefined) => (instant === undefined ? undefined : new Date(instant).toISOString().slice(0, 16));

const empty: Calendar = {
  name: "test",
  zone: "Europe/Berlin",
  coveredUntil: "2030-12-31",
  maintenance: [],
  freezes: [],
  cutoffs: [],
  waves: [],
  peaks: [],
};
const nightly: Calendar = { ...empty, maintenance: [{ days: WEEKDAYS, from: "02:00", to: "05:00" }] };
const berlin: Calendar = {
  ...empty,
  name: "dispatch-berlin",
  coveredUntil: "2028-12-31",
  maintenance: [{ days: ["sun"], from: "02:00", to: "05:00" }],
  cutoffs: [
    { name: "evening", days: ["mon", "tue", "wed", "thu", "fri"], at: "17:30", protectBeforeSeconds: 7200, protectAfterSeconds: 0 },
  ],
  monthEnd: { protectBeforeSeconds: 86_400, protectAfterSeconds: 172_800 },
  peaks: [{ name: "christmas", from: "11-15", to: "12-24", factor: 2.4 }],
};
const spans = (list: readonly Occurrence[]) => list.map((one) => `${one.kind} ${iso(one.start)} ${iso(one.end)}`);

test("a nightly window exists on both clock-change nights, starting after the gap and after the repeated hour", () => {
  expect(spans(occurrences(nightly, at("2026-03-28T23:00Z"), at("2026-03-29T22:00Z")))).toEqual([
    "maintenance 2026-03-29T01:00 2026-03-29T03:00",
  ]);
  expect(spans(occurrences(nightly, at("2026-10-24T22:00Z"), at("2026-10-25T23:00Z")))).toEqual([
    "maintenance 2026-10-25T01:00 2026-10-25T04:00",
  ]);
});

test("02:30 in the gap and in the fold: an allowance shrinks, a denial grows", () => {
  const window = (day: string): Calendar => ({
    ...empty,
    maintenance: [{ days: WEEKDAYS, from: "02:30", to: "05:00" }],
    freezes: [{ name: "f", from: `${day}T02:30`, to: `${day}T02:30`, reason: "r" }],
  });
  expect(spans(occurrences(window("2026-03-29"), at("2026-03-28T23:00Z"), at("2026-03-29T20:00Z")))).toEqual([
    "freeze 2026-03-29T00:30 2026-03-29T01:30",
    "maintenance 2026-03-29T01:30 2026-03-29T03:00",
  ]);
  expect(spans(occurrences(window("2026-10-25"), at("2026-10-24T22:00Z"), at("2026-10-25T20:00Z")))).toEqual([
    "freeze 2026-10-25T00:30 2026-10-25T01:30",
    "maintenance 2026-10-25T01:30 2026-10-25T04:00",
  ]);
  const inGap: Calendar = { ...empty, maintenance: [{ days: WEEKDAYS, from: "02:00", to: "02:45" }] };
  expect(spans(occurrences(inGap, at("2026-03-28T23:00Z"), at("2026-03-29T20:00Z")))).toEqual([]);
});

test("the state names every reason and the next opening", () => {
  expect(stateAt(berlin, at("2026-11-23T16:00Z"))).toEqual({
    admitted: false,
    maintenance: "closed",
    protectedBy: [
      {
        because: "cutoff",
        calendar: "dispatch-berlin",
        text: "protected for evening (Mon 17:30 CET) until 2026-11-23 17:30 CET",
        until: at("2026-11-23T16:30Z"),
      },
    ],
    covered: true,
    nextOpen: at("2026-11-29T01:00Z"),
    nextClose: at("2026-11-29T04:00Z"),
    reasons: [
      {
        because: "cutoff",
        calendar: "dispatch-berlin",
        text: "protected for evening (Mon 17:30 CET) until 2026-11-23 17:30 CET",
        until: at("2026-11-23T16:30Z"),
      },
      {
        because: "outside-maintenance",
        calendar: "dispatch-berlin",
        text: "outside maintenance until 2026-11-29 02:00 CET",
        until: at("2026-11-29T01:00Z"),
      },
    ],
  });
});

test("intervals are half-open: the first millisecond is in, the last instant is out", () => {
  const states = ["2026-11-29T00:59:59.999Z", "2026-11-29T01:00Z", "2026-11-29T03:59:59.999Z", "2026-11-29T04:00Z"];
  expect(states.map((one) => stateAt(berlin, at(one)).admitted)).toEqual([false, true, true, false]);
});

test("a denial wins inside a window, and a month end takes the Sunday of the turn with it", () => {
  const open = stateAt(berlin, at("2027-01-31T02:00Z")); // Sunday, the last day of January
  expect([open.admitted, open.maintenance, open.protectedBy.map((one) => one.text), iso(open.nextOpen)]).toEqual([
    false,
    "open",
    ["protected around the end of 2027-01 until 2027-02-03 00:00 CET"],
    "2027-02-07T01:00",
  ]);
});

test("beyond coveredUntil a calendar is closed, and an opening never reaches over that end", () => {
  const short: Calendar = {
    ...nightly,
    coveredUntil: "2026-11-22",
    maintenance: [{ days: WEEKDAYS, from: "22:00", to: "02:00" }],
  };
  expect([iso(stateAt(short, at("2026-11-22T12:00Z")).nextOpen), iso(stateAt(short, at("2026-11-22T12:00Z")).nextClose)]).toEqual([
    "2026-11-22T21:00",
    "2026-11-22T23:00",
  ]);
  const later = stateAt(short, at("2026-11-23T00:00Z"));
  expect([later.admitted, later.covered, later.nextOpen, later.reasons[0]?.because]).toEqual([false, false, undefined, "not-covered"]);
});

test("several calendars: all must be open; none at all, or one without windows, is closed", () => {
  const london: Calendar = { ...nightly, name: "london", zone: "Europe/London" };
  const both = stateOfAll([nightly, london], at("2026-11-22T12:00Z"));
  expect([iso(both.nextOpen), iso(both.nextClose)]).toEqual(["2026-11-23T02:00", "2026-11-23T04:00"]);
  expect([stateOfAll([], 0).admitted, stateAt(empty, 0).admitted, stateAt(empty, 0).nextOpen]).toEqual([false, false, undefined]);
});

test("peaks give the expected factor on both of their days, across New Year and on leap days too", () => {
  const winter: Calendar = {
    ...empty,
    peaks: [
      { name: "winter", from: "12-20", to: "01-06", factor: 1.5 },
      { name: "leap", from: "02-29", to: "02-29", factor: 3 },
      { name: "sale", from: "2026-12-24", to: "2026-12-24", factor: 4 },
    ],
  };
  const days = ["2026-12-19", "2026-12-20", "2026-12-24", "2027-01-06", "2027-01-07", "2027-02-28", "2028-02-28", "2028-02-29"];
  expect(days.map((day) => factorAt(winter, at(`${day}T12:00Z`)).factor)).toEqual([1, 1.5, 4, 1.5, 1, 3, 1, 3]);
  expect(factorAt(berlin, at("2026-11-22T12:00Z"))).toEqual({ factor: 2.4, because: "peak christmas" });
});

test("times carry the abbreviation that people of the zone use", () => {
  const sunday = at("2026-11-29T01:00Z");
  expect([
    formatInstant("Europe/Berlin", sunday),
    formatInstant("Europe/Berlin", sunday, "weekday"),
    formatInstant("Europe/Berlin", at("2026-07-01T00:00Z")),
    formatInstant("America/New_York", sunday),
    formatInstant("Asia/Tokyo", sunday),
    formatInstant("UTC", sunday),
    zoneAbbreviation("Australia/Sydney", sunday),
  ]).toEqual([
    "2026-11-29 02:00 CET",
    "Sun 02:00 CET",
    "2026-07-01 02:00 CEST",
    "2026-11-28 20:00 EST",
    "2026-11-29 10:00 GMT+9",
    "2026-11-29 01:00 UTC",
    "AEDT",
  ]);
});

test("abbreviations, offsets and unknown zones are refused, with the zone that was meant", () => {
  expect(["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Europe/Kyiv"].map(zoneMistake)).toEqual(Array(4).fill(undefined));
  expect(
    ["CET", "EST", "EST5EDT", "+02:00", "UTC+2", "Etc/GMT+5", "Europe/Berln", "europe/berlin", ""].map(
      (zone) => zoneMistake(zone)?.complaint,
    ),
  ).toEqual([
    "is an abbreviation, not a time zone",
    "is an abbreviation, not a time zone",
    "is an abbreviation, not a time zone",
    "is an offset, which does not know when clocks change",
    "is an offset, which does not know when clocks change",
    "is an offset, which does not know when clocks change",
    'is not a known time zone. Did you mean "Europe/Berlin"?',
    'is not a known time zone. Did you mean "Europe/Berlin"?',
    "is not a known time zone",
  ]);
});
