import type { Holidays, LocalDate } from "./calendar.ts";
import table from "./generated/holidays.json" with { type: "json" };

interface Country {
  readonly name: string;
  readonly days: readonly string[];
  readonly subdivisions: Readonly<Record<string, readonly string[]>>;
}

const COUNTRIES: ReadonlyMap<string, Country> = new Map(Object.entries<Country>(table.countries));

/** First and last year of which holidays are known. */
export const HOLIDAY_YEARS = { from: table.from, to: table.to } as const;

/** Countries whose holidays are known, ISO 3166, sorted. */
export function holidayCountries(): readonly string[] {
  return [...COUNTRIES.keys()];
}

/** Subdivisions of a country that are known: the part after the hyphen of ISO 3166-2, sorted. Empty where it has none, or is unknown. */
export function holidaySubdivisions(country: string): readonly string[] {
  return Object.keys(COUNTRIES.get(country)?.subdivisions ?? {}).sort();
}

/** Names by date, once they were asked for. */
const decoded = new Map<string, ReadonlyMap<LocalDate, string>>();

/** Public holidays that last the whole day, in the years that are known: English name by date. Empty for a country that is not known. */
export function holidaysOf({ country, subdivision }: Pick<Holidays, "country" | "subdivision">): ReadonlyMap<LocalDate, string> {
  const key = `${country}-${subdivision ?? ""}`;
  const known = decoded.get(key);
  if (known !== undefined) return known;
  const rules = COUNTRIES.get(country);
  const names = new Map<LocalDate, string>();
  for (const line of [...(rules?.days ?? []), ...(rules?.subdivisions[subdivision ?? ""] ?? [])]) applyYear(names, line);
  decoded.set(key, names);
  return names;
}

/** `2026 01-01:0 +03-08:9 -05-25`: each day with the number of its name; `-` takes one away again. */
function applyYear(names: Map<LocalDate, string>, line: string): void {
  const [year, ...days] = line.split(" ");
  for (const day of days) {
    const [, sign, monthAndDay = "", name] = /^([+-]?)(\d\d-\d\d)(?::(\d+))?$/.exec(day) ?? [];
    const date = `${year}-${monthAndDay}`;
    if (sign === "-") names.delete(date);
    else names.set(date, table.names[Number(name)] ?? "");
  }
}
