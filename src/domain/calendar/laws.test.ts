import fc from "fast-check";
import { expect, test } from "vitest";
import { type Calendar, WEEKDAYS } from "./calendar.ts";
import { occurrences } from "./occurrences.ts";
import { stateAt } from "./state.ts";
import { zoneMistake } from "./zone.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = (iso: string) => Date.parse(iso);
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

const zones = fc.constantFrom(...Intl.supportedValuesOf("timeZone").filter((zone) => zoneMistake(zone) === undefined));
const time = fc.tuple(fc.nat(23), fc.nat(59)).map(([h, m]) => `${String(h).padStart(2, "0")}:${String(m).padStart(2, "0")}`);
const days = fc.subarray([...WEEKDAYS], { minLength: 1 });
const day = fc.integer({ min: at("2026-01-01T00:00Z") / DAY, max: at("2027-12-31T00:00Z") / DAY }).map((n) => n * DAY);
const calendars: fc.Arbitrary<Calendar> = fc.record({
  name: fc.constant("any"),
  zone: zones,
  coveredUntil: fc.constantFrom("2026-06-30", "2028-12-31"),
  maintenance: fc.array(
    fc.record({ days, from: time, to: time }).filter((window) => window.from !== window.to),
    { maxLength: 3 },
  ),
  freezes: day.chain((start) =>
    fc.nat(20).map((length) => [
      {
        name: "f",
        from: new Date(start).toISOString().slice(0, 16),
        to: new Date(start + length * DAY).toISOString().slice(0, 10),
        reason: "r",
      },
    ]),
  ),
  cutoffs: fc.array(
    fc.record({ name: fc.constant("c"), days, at: time, protectBeforeSeconds: fc.nat(200_000), protectAfterSeconds: fc.nat(9000) }),
    {
      maxLength: 2,
    },
  ),
  waves: fc.constant([]),
  monthEnd: fc.record({ protectBeforeSeconds: fc.nat(200_000), protectAfterSeconds: fc.nat(200_000) }),
  peaks: fc.constant([]),
});

/** The two nights of a zone's year on which its offset changes, found by looking at every hour. */
function clockChanges(zone: string): number[] {
  const offset = (instant: number) =>
    new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" }).format(instant).replace(/^.*GMT/, "");
  const changes: number[] = [];
  for (let one = at("2026-01-01T00:00Z"), before = offset(one); one < at("2027-01-01T00:00Z"); one += DAY) {
    const now = offset(one + DAY);
    if (now !== before) changes.push(one);
    before = now;
  }
  return changes;
}

test("on ordinary days and clock-change days of any zone a window occurs at most once, runs forward, and keeps its order", () => {
  fc.assert(
    fc.property(zones, time, time, day, (zone, from, to, anyDay) => {
      fc.pre(from !== to);
      const calendar: Calendar = { ...empty, zone, maintenance: [{ days: WEEKDAYS, from, to }] };
      for (const start of [anyDay, ...clockChanges(zone)]) {
        const seen = occurrences(calendar, start - 3 * DAY, start + 4 * DAY);
        expect(seen.length).toBeLessThanOrEqual(9);
        for (const [index, one] of seen.entries()) {
          expect(one.start).toBeLessThan(one.end);
          expect(one.end - one.start).toBeLessThanOrEqual(DAY + 3 * HOUR);
          expect(one.start).toBeGreaterThan(seen[index - 1]?.start ?? 0);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("the state agrees with asking every occurrence, minute by minute", () => {
  fc.assert(
    fc.property(calendars, day, (calendar, start) => {
      const wide = occurrences(calendar, start - 40 * DAY, start + 80 * DAY);
      const covered = (instant: number) => {
        const local = new Intl.DateTimeFormat("en-CA", { timeZone: calendar.zone }).format(instant);
        return local <= calendar.coveredUntil;
      };
      const open = (instant: number) =>
        wide.some((one) => one.effect === "allow" && one.start <= instant && instant < one.end) &&
        !wide.some((one) => one.effect === "deny" && one.start <= instant && instant < one.end) &&
        covered(instant);
      const state = stateAt(calendar, start);
      expect(state.admitted).toBe(open(start));
      expect(state.reasons.length === 0).toBe(state.admitted);
      const horizon = start + 3 * DAY;
      let first = start;
      while (first < horizon && !open(first)) first += MINUTE;
      const expected = first < horizon ? first : horizon;
      const promised = Math.min(state.nextOpen ?? horizon, horizon);
      expect(Math.abs(promised - expected)).toBeLessThan(MINUTE);
      const close = state.nextClose;
      expect(close === undefined ? [true, false] : [open(close - 1), open(close)]).toEqual([true, false]);
    }),
    { numRuns: 40 },
  );
});

test("away from clock changes a window is what the wall clock shows", () => {
  fc.assert(
    fc.property(zones, time, time, day, (zone, from, to, start) => {
      fc.pre(from !== to && clockChanges(zone).every((change) => Math.abs(change - start) > 3 * DAY));
      const seen = occurrences({ ...empty, zone, maintenance: [{ days: WEEKDAYS, from, to }] }, start, start + DAY);
      const clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
      for (let now = start; now < start + DAY; now += 13 * MINUTE) {
        const shown = clock.format(now);
        const inside = from < to ? from <= shown && shown < to : shown >= from || shown < to;
        expect(seen.some((one) => one.start <= now && now < one.end)).toBe(inside);
      }
    }),
    { numRuns: 60 },
  );
});
