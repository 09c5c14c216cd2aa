import type { Calendar, Interval, Occurrence } from "../../domain/calendar/calendar.ts";
import type { CalendarDay } from "../../domain/calendar/days.ts";
import { formatTime, zoneAbbreviation } from "../../domain/calendar/format.ts";
import { type Colours } from "../terminal/style.ts";
import { table } from "../terminal/table.ts";

interface How {
  readonly colours: Colours;
  readonly aligned: boolean;
}

/** One line a day, in the calendar's own time. */
export function renderCalendar(calendar: Calendar, days: readonly CalendarDay[], { colours, aligned }: How): string {
  const head = `${colours.bold(calendar.name)}  ${calendar.zone}, covered until ${calendar.coveredUntil}`;
  const titles = ["DAY", "OPEN", "PROTECTED", "EXPECTED", "NOTE"].map((title) => colours.bold(title));
  const rows = days.map((day) => {
    const open = day.open.map((one) => spanText(calendar.zone, day, one)).join(", ");
    return [
      `${capitalised(day.weekday)} ${day.date} ${zoneAbbreviation(calendar.zone, day.end - 1)}`,
      open === "" ? "-" : colours.green(open),
      day.protectedBy.map((one) => protectionText(calendar.zone, day, one)).join("; ") || "-",
      expectedText(calendar.zone, day),
      colours.dim(notesOf(calendar.zone, day).join("; ")),
    ];
  });
  return `${head}\n${table([titles, ...rows], aligned)}`;
}

/** On a day on which the clock changes each time says which clock is meant. */
function spanText(zone: string, day: CalendarDay, { start, end }: Interval): string {
  const until = end === day.end ? "24:00" : formatTime(zone, end);
  if (day.clockChange === undefined) return `${formatTime(zone, start)}-${until}`;
  return `${formatTime(zone, start)} ${zoneAbbreviation(zone, start)}-${until} ${zoneAbbreviation(zone, end)}`;
}

function protectionText(zone: string, day: CalendarDay, one: Occurrence): string {
  const span = spanText(zone, day, one);
  if (one.kind === "freeze") return `${span} freeze ${one.name}: ${one.reason ?? ""}`;
  if (one.kind === "month-end") return `${span} end of ${one.name}`;
  return `${span} cut-off ${one.name} ${formatTime(zone, one.at ?? one.end)}`;
}

function expectedText(zone: string, day: CalendarDay): string {
  const waves = day.waves.map((one) => `wave ${one.name} ${spanText(zone, day, one)}`);
  const { factor, because } = day.expected;
  return [factor === 1 ? "× 1" : `× ${factor} ${because}`, ...waves].join("; ");
}

function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

function notesOf(zone: string, { holiday, clockChange, coverage }: CalendarDay): string[] {
  const ends = { covered: [], ends: ["the last day that is covered"], beyond: ["not covered: closed"] } as const;
  return [
    ...(holiday === undefined ? [] : [`holiday ${holiday}`]),
    ...(clockChange === undefined ? [] : [`clocks go from ${clockChange.from} to ${formatTime(zone, clockChange.at)} ${clockChange.to}`]),
    ...ends[coverage],
  ];
}

export interface CalendarSummary {
  readonly name: string;
  readonly zone: string;
  readonly coveredUntil: string;
  readonly open: boolean;
  readonly nextOpenText?: string;
}

/** Every calendar of a fleet, one a line. */
export function renderCalendars(calendars: readonly CalendarSummary[], { colours, aligned }: How): string {
  if (calendars.length === 0) return "this fleet has no calendar";
  const rows = calendars.map((one) => {
    const closed = one.nextOpenText === undefined ? "closed" : `opens ${one.nextOpenText}`;
    return [one.name, one.zone, `until ${one.coveredUntil}`, one.open ? colours.green("open now") : closed];
  });
  return table([["CALENDAR", "ZONE", "COVERED", "MAINTENANCE"].map((title) => colours.bold(title)), ...rows], aligned);
}
