import { Temporal } from "temporal-polyfill";
import type { Instant } from "../../kernel/instant.ts";
import type { Calendar, Freeze, MonthEnd, Occurrence, Peak, Weekday } from "./calendar.ts";
import { holidaysOf } from "./holidays.ts";
import { eventInstant, instantAt, localDateOf, localDays, shiftedInstant, startOfDay, weekdayOf } from "./wall-clock.ts";

interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

/**
 * Everything in a calendar that touches [from, to), by start.
 * Where a clock change makes a time missing or double, a denial grows and an allowance shrinks.
 */
export function occurrences(calendar: Calendar, from: Instant, to: Instant): readonly Occurrence[] {
  const span = { from, to };
  const all = [
    ...maintenance(calendar, span),
    ...calendar.freezes.map((freeze) => frozen(calendar, freeze)),
    ...cutoffs(calendar, span),
    ...(calendar.monthEnd ? monthEnds(calendar, calendar.monthEnd, span) : []),
    ...waves(calendar, span),
    ...calendar.peaks.flatMap((peak) => peakSeasons(calendar, peak, span)),
    ...holidays(calendar, span),
  ];
  return all
    .filter((one) => one.start < one.end && one.start < to && one.end > from)
    .sort((a, b) => a.start - b.start || a.end - b.end || compare(a.kind, b.kind) || compare(a.name, b.name));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function daysOf(calendar: Calendar, span: Span, days: readonly Weekday[], marginSeconds: number): Temporal.PlainDate[] {
  const marginDays = 1 + Math.ceil(marginSeconds / 86_400);
  return localDays(calendar.zone, span.from, span.to, marginDays).filter((day) => days.includes(weekdayOf(day)));
}

/** The days on which people work: what happens on the others moves nothing and protects nothing. */
function workdaysOf(calendar: Calendar, span: Span, days: readonly Weekday[], marginSeconds: number): Temporal.PlainDate[] {
  const free = calendar.holidays && holidaysOf(calendar.holidays);
  return daysOf(calendar, span, days, marginSeconds).filter((day) => free?.has(day.toString()) !== true);
}

function maintenance(calendar: Calendar, span: Span): Occurrence[] {
  const { zone } = calendar;
  return calendar.maintenance.flatMap((window) =>
    daysOf(calendar, span, window.days, 0).map((day): Occurrence => {
      const lastDay = window.to > window.from ? day : day.add({ days: 1 });
      return {
        kind: "maintenance",
        effect: "allow",
        calendar: calendar.name,
        name: `${window.from}-${window.to}`,
        start: instantAt(zone, day, window.from, "later"),
        end: instantAt(zone, lastDay, window.to, "earlier"),
      };
    }),
  );
}

function frozen(calendar: Calendar, freeze: Freeze): Occurrence {
  const { zone } = calendar;
  const [fromDate = "", fromTime] = freeze.from.split("T");
  const [toDate = "", toTime] = freeze.to.split("T");
  return {
    kind: "freeze",
    effect: "deny",
    calendar: calendar.name,
    name: freeze.name,
    start: instantAt(zone, Temporal.PlainDate.from(fromDate), fromTime ?? "00:00", "earlier"),
    end: instantAt(zone, Temporal.PlainDate.from(toDate), toTime ?? "24:00", "later"),
    reason: freeze.reason,
  };
}

function cutoffs(calendar: Calendar, span: Span): Occurrence[] {
  const { zone } = calendar;
  return calendar.cutoffs.flatMap((cutoff) =>
    workdaysOf(calendar, span, cutoff.days, Math.max(cutoff.protectBeforeSeconds, cutoff.protectAfterSeconds)).map((day): Occurrence => {
      const local = day.toPlainDateTime(Temporal.PlainTime.from(cutoff.at));
      return {
        kind: "cutoff",
        effect: "deny",
        calendar: calendar.name,
        name: cutoff.name,
        start: shiftedInstant(zone, local, -cutoff.protectBeforeSeconds, "earlier"),
        end: shiftedInstant(zone, local, cutoff.protectAfterSeconds, "later"),
        at: eventInstant(zone, day, cutoff.at),
      };
    }),
  );
}

function monthEnds(calendar: Calendar, { protectBeforeSeconds, protectAfterSeconds }: MonthEnd, span: Span): Occurrence[] {
  const { zone } = calendar;
  const reachDays = 2 + Math.ceil(Math.max(protectBeforeSeconds, protectAfterSeconds) / 86_400);
  const last = localDateOf(zone, span.to).add({ days: reachDays });
  const turns: Occurrence[] = [];
  let first = localDateOf(zone, span.from).subtract({ days: reachDays }).with({ day: 1 });
  for (; Temporal.PlainDate.compare(first, last) <= 0; first = first.add({ months: 1 })) {
    const turn = first.toPlainDateTime();
    turns.push({
      kind: "month-end",
      effect: "deny",
      calendar: calendar.name,
      name: first.subtract({ days: 1 }).toPlainYearMonth().toString(),
      start: shiftedInstant(zone, turn, -protectBeforeSeconds, "earlier"),
      end: shiftedInstant(zone, turn, protectAfterSeconds, "later"),
      at: instantAt(zone, first, "00:00", "earlier"),
    });
  }
  return turns;
}

function waves(calendar: Calendar, span: Span): Occurrence[] {
  return calendar.waves.flatMap((wave) =>
    workdaysOf(calendar, span, wave.days, wave.durationSeconds).map((day): Occurrence => {
      const start = eventInstant(calendar.zone, day, wave.at);
      const end = start + wave.durationSeconds * 1000;
      return { kind: "wave", effect: "inform", calendar: calendar.name, name: wave.name, start, end };
    }),
  );
}

function peakSeasons(calendar: Calendar, peak: Peak, span: Span): Occurrence[] {
  if (peak.from.length > 5) return [season(calendar, peak, peak.from, peak.to)];
  const firstYear = localDateOf(calendar.zone, span.from).year - 1;
  const lastYear = localDateOf(calendar.zone, span.to).year;
  const seasons: Occurrence[] = [];
  for (let year = firstYear; year <= lastYear; year++) {
    const endYear = peak.to < peak.from ? year + 1 : year;
    seasons.push(season(calendar, peak, `${year}-${peak.from}`, `${endYear}-${peak.to}`));
  }
  return seasons;
}

function season(calendar: Calendar, peak: Peak, from: string, to: string): Occurrence {
  return {
    kind: "peak",
    effect: "inform",
    calendar: calendar.name,
    name: peak.name,
    start: instantAt(calendar.zone, dateWithin(from), "00:00", "earlier"),
    end: instantAt(calendar.zone, dateWithin(to), "24:00", "later"),
    factor: peak.factor,
  };
}

function holidays({ name: calendar, zone, holidays: declared }: Calendar, span: Span): Occurrence[] {
  if (declared === undefined) return [];
  const names = holidaysOf(declared);
  const { factor } = declared;
  return localDays(zone, span.from, span.to, 1).flatMap((day): Occurrence[] => {
    const name = names.get(day.toString());
    if (name === undefined) return [];
    const whole = { start: startOfDay(zone, day), end: startOfDay(zone, day.add({ days: 1 })) };
    return [{ kind: "holiday", effect: "inform", calendar, name, ...whole, ...(factor === undefined ? {} : { factor }) }];
  });
}

/** 02-29 is the last of February in a year without it. */
function dateWithin(text: string): Temporal.PlainDate {
  const [year, month, day] = text.split("-").map(Number) as [number, number, number];
  return Temporal.PlainDate.from({ year, month, day }, { overflow: "constrain" });
}
