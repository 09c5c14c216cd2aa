import { Temporal } from "temporal-polyfill";
import type { Instant } from "../../kernel/instant.ts";
import { type LocalDate, WEEKDAYS, type Weekday } from "./calendar.ts";

/** Which of two instants is meant where a clock change makes a wall-clock time missing or double. */
export type Lean = "earlier" | "later";

const DAY_SECONDS = 86_400;

/** `HH:MM` on a day → instant. `24:00` is 00:00 of the next day. */
export function instantAt(zone: string, date: Temporal.PlainDate, time: string, lean: Lean): Instant {
  const day = time === "24:00" ? date.add({ days: 1 }) : date;
  const clock = Temporal.PlainTime.from(time === "24:00" ? "00:00" : time);
  return day.toPlainDateTime(clock).toZonedDateTime(zone, { disambiguation: lean }).epochMilliseconds;
}

/**
 * When something happens that happens once a day. A time that a clock change skips is made up for right after it, of a double one the first counts (RFC 5545),
 * and where making up would fall on the next day it happens before the change instead: so it happens on each local day, and once.
 */
export function eventInstant(zone: string, date: Temporal.PlainDate, time: string): Instant {
  const local = date.toPlainDateTime(Temporal.PlainTime.from(time));
  const made = local.toZonedDateTime(zone, { disambiguation: "compatible" });
  const chosen = made.toPlainDate().equals(date) ? made : local.toZonedDateTime(zone, { disambiguation: "earlier" });
  return chosen.epochMilliseconds;
}

/** A wall-clock time moved by a duration: whole days are calendar days, the rest is elapsed time. */
export function shiftedInstant(zone: string, local: Temporal.PlainDateTime, seconds: number, lean: Lean): Instant {
  const days = Math.trunc(seconds / DAY_SECONDS);
  const moved = local.add({ days }).toZonedDateTime(zone, { disambiguation: lean }).epochMilliseconds;
  return moved + (seconds - days * DAY_SECONDS) * 1000;
}

/** The first instant of a local day. */
export function startOfDay(zone: string, date: Temporal.PlainDate): Instant {
  return date.toZonedDateTime(zone).epochMilliseconds;
}

/** Whether a text is a date that exists, `YYYY-MM-DD`, of the years 1000 to 2999. */
export function isDate(value: string): boolean {
  if (!/^[12]\d{3}-\d{2}-\d{2}$/.test(value)) return false;
  const day = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
}

/** The date that the wall clock shows. */
export function localDateOf(zone: string, instant: Instant): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone).toPlainDate();
}

/** Every local day that may carry something touching [from, to), with `marginDays` on both sides. */
export function localDays(zone: string, from: Instant, to: Instant, marginDays: number): Temporal.PlainDate[] {
  const last = localDateOf(zone, to).add({ days: marginDays });
  const days: Temporal.PlainDate[] = [];
  for (
    let day = localDateOf(zone, from).subtract({ days: marginDays });
    Temporal.PlainDate.compare(day, last) <= 0;
    day = day.add({ days: 1 })
  ) {
    days.push(day);
  }
  return days;
}

export function weekdayOf(date: Temporal.PlainDate): Weekday {
  return WEEKDAYS[date.dayOfWeek - 1] as Weekday;
}

/** The first instant that a calendar no longer covers. */
export function coverageEnd(zone: string, coveredUntil: LocalDate): Instant {
  return instantAt(zone, Temporal.PlainDate.from(coveredUntil), "24:00", "earlier");
}
