import { expect, test } from "vitest";
import committed from "../src/domain/calendar/generated/holidays.json" with { type: "json" };
import { COUNTRIES, type HolidayTable, holidayTable, YEARS } from "./holiday-table.ts";

/** Lines with names instead of their numbers, which depend on the countries before. */
function named(table: HolidayTable, country: string) {
  const spelled = (line: string) => line.replaceAll(/:(\d+)/g, (_, number: string) => `:${table.names[Number(number)]}`);
  const { name, days, subdivisions } = table.countries[country] ?? { name: "", days: [], subdivisions: {} };
  const parts = Object.entries(subdivisions).map(([part, lines]) => [part, lines.map(spelled)] as const);
  return { name, days: days.map(spelled), subdivisions: Object.fromEntries(parts) };
}

test("the committed holidays are what the rules give now", () => {
  const sample = ["DE", "ES", "GB", "PL", "US"];
  const now = holidayTable(sample);
  for (const country of sample) expect(named(committed, country)).toEqual(named(now, country));
  expect([committed.source, committed.from, committed.to]).toEqual([now.source, YEARS.from, YEARS.to]);
  expect(Object.keys(committed.countries)).toEqual([...COUNTRIES]);
});
