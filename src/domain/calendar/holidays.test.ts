import { expect, test } from "vitest";
import { type Calendar, WEEKDAYS } from "./calendar.ts";
import { factorAt } from "./factor.ts";
import { HOLIDAY_YEARS, holidayCountries, holidaySubdivisions, holidaysOf } from "./holidays.ts";
import { occurrences } from "./occurrences.ts";

const at = (iso: string) => Date.parse(iso);
const berlin: Calendar = {
  name: "dispatch",
  zone: "Europe/Berlin",
  coveredUntil: "2030-12-31",
  maintenance: [{ days: WEEKDAYS, from: "02:00", to: "05:00" }],
  freezes: [],
  cutoffs: [{ name: "evening", days: WEEKDAYS, at: "17:30", protectBeforeSeconds: 7200, protectAfterSeconds: 0 }],
  waves: [{ name: "morning", days: WEEKDAYS, at: "06:00", durationSeconds: 3600 }],
  peaks: [{ name: "christmas", from: "11-15", to: "12-31", factor: 2.4 }],
  holidays: { country: "DE", subdivision: "BE" },
};

/** The dates and names of one year. */
function yearOf(year: number, country: string, subdivision?: string): string[] {
  const days = holidaysOf({ country, ...(subdivision === undefined ? {} : { subdivision }) });
  return [...days.keys()]
    .filter((date) => date.startsWith(String(year)))
    .sort()
    .map((date) => `${date.slice(5)} ${days.get(date)}`);
}

test("a subdivision has the holidays of its country, and its own", () => {
  expect(yearOf(2026, "DE")).toEqual([
    "01-01 New Year's Day",
    "04-03 Good Friday",
    "04-06 Easter Monday",
    "05-01 Labour Day",
    "05-14 Ascension Day",
    "05-25 Whit Monday",
    "10-03 National Holiday",
    "12-25 Christmas Day",
    "12-26 Boxing Day",
  ]);
  expect(yearOf(2026, "DE", "BE").filter((day) => !yearOf(2026, "DE").includes(day))).toEqual(["03-08 International Women's Day"]);
  expect(yearOf(2026, "GB", "SCT").filter((day) => day.startsWith("01-02"))).toEqual(["01-02 January 2nd"]);
  expect(yearOf(2026, "XX")).toEqual([]);
});

test("the countries that logistics in Europe and North America needs are known, with their parts, in every year", () => {
  const wanted = "AT BE BG CA CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IT LT LU LV MT NL NO PL PT RO SE SI SK US".split(" ");
  expect(wanted.filter((country) => !holidayCountries().includes(country))).toEqual([]);
  expect(["DE", "US", "CA", "GB", "SI"].map((country) => holidaySubdivisions(country).length)).toEqual([16, 51, 13, 5, 0]);
  for (const country of wanted) {
    for (let year: number = HOLIDAY_YEARS.from; year <= HOLIDAY_YEARS.to; year++) expect(yearOf(year, country)).not.toEqual([]);
  }
});

test("on a holiday cut-offs and waves do not happen, maintenance stays", () => {
  const shown = (day: string) =>
    occurrences(berlin, at(`${day}T00:00+01:00`), at(`${day}T24:00+01:00`))
      .filter((one) => one.kind !== "peak")
      .map((one) => `${one.kind} ${one.name}`);
  expect(shown("2026-12-24")).toEqual(["maintenance 02:00-05:00", "wave morning", "cutoff evening"]);
  expect(shown("2026-12-25")).toEqual(["holiday Christmas Day", "maintenance 02:00-05:00"]);
});

test("a holiday changes the expected work only when the calendar says how much", () => {
  const quiet: Calendar = { ...berlin, holidays: { country: "DE", factor: 0.1 } };
  const [eve, christmas] = [at("2026-12-24T12:00Z"), at("2026-12-25T12:00Z")];
  expect([factorAt(berlin, christmas), factorAt(quiet, christmas), factorAt(quiet, eve)]).toEqual([
    { factor: 2.4, because: "peak christmas" },
    { factor: 0.1, because: "holiday Christmas Day" },
    { factor: 2.4, because: "peak christmas" },
  ]);
  expect(factorAt(berlin, at("2026-07-01T12:00Z"))).toEqual({ factor: 1, because: "an ordinary day" });
});
