import { expect, test } from "vitest";
import { type Calendar, WEEKDAYS } from "./calendar.ts";
import { occurrences } from "./occurrences.ts";
import { zoneMistake } from "./zone.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ZONES = Intl.supportedValuesOf("timeZone").filter((zone) => zoneMistake(zone) === undefined);
const YEAR = [Date.parse("2026-01-01T00:00Z"), Date.parse("2027-01-01T00:00Z")] as const;

/** What the wall clock of a zone shows, told by another library than the one under test. */
function wallClock(zone: string) {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
  return (instant: number) => format.format(instant);
}

/** The minutes at which the clock of a zone jumps, and what it shows before and after. */
function jumps(zone: string) {
  const shows = wallClock(zone);
  const offset = (instant: number) => Date.parse(`${shows(instant).replace(" ", "T")}Z`) - instant;
  const found: { at: number; skipped: number }[] = [];
  for (let day = YEAR[0]; day < YEAR[1]; day += DAY) {
    if (offset(day) === offset(day + DAY)) continue;
    let [low, high] = [day, day + DAY];
    while (high - low > MINUTE) {
      const middle = low + Math.floor((high - low) / 2 / MINUTE) * MINUTE;
      if (offset(middle) === offset(low)) low = middle;
      else high = middle;
    }
    found.push({ at: high, skipped: offset(high) - offset(low) });
  }
  return found;
}

function daily(zone: string, time: string): Calendar {
  return {
    name: "daily",
    zone,
    coveredUntil: "2030-12-31",
    maintenance: [],
    freezes: [],
    cutoffs: [{ name: "cut", days: WEEKDAYS, at: time, protectBeforeSeconds: 60, protectAfterSeconds: 60 }],
    waves: [{ name: "wave", days: WEEKDAYS, at: time, durationSeconds: 60 }],
    peaks: [],
  };
}

const CHANGES = ZONES.flatMap((zone) => jumps(zone).map((jump) => ({ zone, ...jump })));

test("the zones of this year have clock changes in both directions", () => {
  expect(ZONES.length).toBeGreaterThan(400);
  expect([CHANGES.some((one) => one.skipped > 0), CHANGES.some((one) => one.skipped < 0)]).toEqual([true, true]);
  expect(CHANGES.filter((one) => one.zone === "Europe/Berlin").map((one) => [new Date(one.at).toISOString(), one.skipped / HOUR])).toEqual([
    ["2026-03-29T01:00:00.000Z", 1],
    ["2026-10-25T01:00:00.000Z", -1],
  ]);
});

test("in every zone, a daily event in the gap, in the fold, or at any hour of these days happens once on each local day", () => {
  for (const { zone, at, skipped } of CHANGES) {
    const shows = wallClock(zone);
    const minuteInside = at - Math.max(0, -skipped) / 2;
    const inGap = new Date(Date.parse(`${shows(at - MINUTE).replace(" ", "T")}Z`) + MINUTE + Math.max(0, skipped) / 2);
    const times = new Set([inGap.toISOString().slice(11, 16), shows(minuteInside).slice(11), "00:00", "02:30", "23:30"]);
    for (const time of times) {
      const seen = occurrences(daily(zone, time), at - 3 * DAY, at + 3 * DAY);
      for (const kind of ["cutoff", "wave"] as const) {
        const dates = seen.filter((one) => one.kind === kind).map((one) => shows(one.at ?? one.start).slice(0, 10));
        const wanted = localDates(shows, at - 2 * DAY, at + 2 * DAY);
        expect([zone, time, kind, dates.filter((date) => wanted.includes(date))]).toEqual([zone, time, kind, wanted]);
      }
    }
  }
});

test("where the clock shows the time of a daily event, the event happens then; of a double time, at the first", () => {
  for (const { zone, at } of CHANGES) {
    const shows = wallClock(zone);
    const events = occurrences(daily(zone, "02:30"), at - 3 * DAY, at + 3 * DAY).flatMap((one) => one.at ?? []);
    for (let minute = at - 2 * DAY, before = ""; minute < at + 2 * DAY; minute += 15 * MINUTE) {
      const [date = "", time] = shows(minute).split(" ");
      if (time !== "02:30" || date === before) continue;
      before = date;
      expect([zone, events.includes(minute)]).toEqual([zone, true]);
    }
  }
});

/** The local dates that begin and end between two instants, each once. */
function localDates(shows: (instant: number) => string, from: number, to: number): string[] {
  const dates = new Set<string>();
  for (let instant = from; instant < to; instant += HOUR) dates.add(shows(instant).slice(0, 10));
  return [...dates].sort().slice(1, -1);
}
