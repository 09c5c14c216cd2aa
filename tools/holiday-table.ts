import Holidays from "date-holidays";

/** The years for which dates are worked out. */
export const YEARS = { from: 2025, to: 2035 } as const;

/** The European Union, its neighbours, and where its trade goes. */
export const COUNTRIES =
  "AT AU BE BG BR CA CH CN CY CZ DE DK EE ES FI FR GB GR HK HR HU IE IS IT JP KR LI LT LU LV MT MX NL NO NZ PL PT RO RS SE SG SI SK TR UA US ZA".split(
    " ",
  );

interface Country {
  readonly name: string;
  /** A line a year: `2026 01-01:0 04-03:5`, each day with the number of its name. */
  readonly days: readonly string[];
  /** By subdivision what is otherwise there: `2026 +03-08:9 -05-25`. Years without a difference are left out. */
  readonly subdivisions: Readonly<Record<string, readonly string[]>>;
}

export interface HolidayTable {
  readonly source: string;
  readonly from: number;
  readonly to: number;
  readonly names: readonly string[];
  readonly countries: Readonly<Record<string, Country>>;
}

const SOURCE =
  "date-holidays 3.37.0 (https://github.com/commenthol/date-holidays, data CC BY 3.0); taken: whole public holidays, as dates, named in English";

/** Public holidays that last the whole day, worked out from the rules of date-holidays. Half days are left out: work goes on. */
export function holidayTable(countries: readonly string[]): HolidayTable {
  const names: string[] = [];
  const numberOf = (name: string): number => {
    const known = names.indexOf(name);
    return known === -1 ? names.push(name) - 1 : known;
  };
  const known = new Holidays().getCountries("en");
  const entries = countries.map((code): [string, Country] => {
    const national = daysOf(code, undefined);
    const subdivisions = Object.keys(new Holidays().getStates(code) ?? {}).sort();
    return [
      code,
      {
        name: known[code] ?? code,
        days: years().map((year) => [year, ...wholeYear(national, year, numberOf)].join(" ")),
        subdivisions: Object.fromEntries(subdivisions.map((part) => [part, differences(national, daysOf(code, part), numberOf)])),
      },
    ];
  });
  return { source: SOURCE, ...YEARS, names, countries: Object.fromEntries(entries) };
}

/** Name by date. */
type Days = ReadonlyMap<string, string>;

function years(): number[] {
  return Array.from({ length: YEARS.to - YEARS.from + 1 }, (_, index) => YEARS.from + index);
}

function daysOf(country: string, subdivision: string | undefined): Days {
  const options = { types: ["public"] as ["public"], timezone: "UTC" };
  const holidays = subdivision === undefined ? new Holidays(country, options) : new Holidays(country, subdivision, options);
  const days = new Map<string, string>();
  for (const year of years()) {
    for (const { start, end, name } of holidays.getHolidays(year, "en")) {
      if (start.getUTCHours() !== 0) continue;
      for (let day = start.getTime(); day + 86_400_000 <= end.getTime(); day += 86_400_000) {
        const date = new Date(day).toISOString().slice(0, 10);
        if (!days.has(date)) days.set(date, name);
      }
    }
  }
  return days;
}

function wholeYear(days: Days, year: number, numberOf: (name: string) => number): string[] {
  return [...days.keys()]
    .filter((date) => date.startsWith(`${year}-`))
    .sort()
    .map((date) => `${date.slice(5)}:${numberOf(days.get(date) ?? "")}`);
}

function differences(national: Days, own: Days, numberOf: (name: string) => number): string[] {
  return years().flatMap((year) => {
    const changes = [...new Set([...national.keys(), ...own.keys()])]
      .filter((date) => date.startsWith(`${year}-`) && national.get(date) !== own.get(date))
      .sort()
      .map((date) => {
        const name = own.get(date);
        return name === undefined ? `-${date.slice(5)}` : `+${date.slice(5)}:${numberOf(name)}`;
      });
    return changes.length === 0 ? [] : [[year, ...changes].join(" ")];
  });
}
