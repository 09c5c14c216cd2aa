import { Temporal } from "temporal-polyfill";
import type { Instant } from "../../kernel/instant.ts";
import type { Calendar, Interval, LocalDate, Occurrence, Weekday } from "./calendar.ts";
import { type ExpectedFactor, factorAt } from "./factor.ts";
import { zoneAbbreviation } from "./format.ts";
import { occurrences } from "./occurrences.ts";
import { openingsOf } from "./openings.ts";
import { startOfDay, weekdayOf } from "./wall-clock.ts";

export interface ClockChange {
  readonly at: Instant;
  /** Abbreviations before and after. */
  readonly from: string;
  readonly to: string;
}

/** One local day of a calendar. All intervals are cut at its midnights. */
export interface CalendarDay extends Interval {
  readonly date: LocalDate;
  readonly weekday: Weekday;
  /** When a disruptive change is admitted: windows without what protects, as far as the calendar covers. */
  readonly open: readonly Interval[];
  readonly protectedBy: readonly Occurrence[];
  readonly waves: readonly Occurrence[];
  /** At noon, which no clock change moves. */
  readonly expected: ExpectedFactor;
  readonly holiday?: string;
  readonly clockChange?: ClockChange;
  /** `ends`: the last day that somebody thought about. */
  readonly coverage: "covered" | "ends" | "beyond";
}

/** A calendar day by day, from a local date on. */
export function calendarDays(calendar: Calendar, from: LocalDate, count: number): readonly CalendarDay[] {
  const first = Temporal.PlainDate.from(from);
  return Array.from({ length: count }, (_, index) => dayOf(calendar, first.add({ days: index })));
}

function dayOf(calendar: Calendar, day: Temporal.PlainDate): CalendarDay {
  const { zone, coveredUntil } = calendar;
  const date = day.toString();
  const whole = { start: startOfDay(zone, day), end: startOfDay(zone, day.add({ days: 1 })) };
  const seen = occurrences(calendar, whole.start, whole.end);
  const within = <T extends Interval>(one: T): T => ({
    ...one,
    start: Math.max(one.start, whole.start),
    end: Math.min(one.end, whole.end),
  });
  const holiday = seen.find((one) => one.kind === "holiday")?.name;
  const clockChange = clockChangeIn(zone, whole);
  return {
    date,
    weekday: weekdayOf(day),
    ...whole,
    open: openingsOf(calendar, seen)
      .map(within)
      .filter((one) => one.start < one.end),
    protectedBy: seen.filter((one) => one.effect === "deny").map(within),
    waves: seen.filter((one) => one.kind === "wave").map(within),
    expected: factorAt(calendar, day.toPlainDateTime("12:00").toZonedDateTime(zone).epochMilliseconds),
    ...(holiday === undefined ? {} : { holiday }),
    ...(clockChange === undefined ? {} : { clockChange }),
    coverage: date < coveredUntil ? "covered" : date === coveredUntil ? "ends" : "beyond",
  };
}

function clockChangeIn(zone: string, { start, end }: Interval): ClockChange | undefined {
  const before = Temporal.Instant.fromEpochMilliseconds(start - 1).toZonedDateTimeISO(zone);
  const at = before.getTimeZoneTransition("next")?.epochMilliseconds;
  if (at === undefined || at >= end) return undefined;
  return { at, from: zoneAbbreviation(zone, at - 1), to: zoneAbbreviation(zone, at) };
}
