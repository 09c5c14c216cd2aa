import type { Calendar, Interval } from "../../../domain/calendar/calendar.ts";
import { type CalendarDay, calendarDays } from "../../../domain/calendar/days.ts";
import { formatInstant } from "../../../domain/calendar/format.ts";
import { stateAt } from "../../../domain/calendar/state.ts";
import { isDate, localDateOf } from "../../../domain/calendar/wall-clock.ts";
import { suggestion } from "../../../kernel/distance.ts";
import { failure } from "../../../kernel/problem.ts";
import { EXIT } from "../../exit.ts";
import { filesOf, readFleet } from "../../fleet/fleet.ts";
import { readWords } from "../../fleet/fleet-choice.ts";
import { renderCalendar, renderCalendars } from "../../render/calendar.ts";
import { wholeNumber } from "../../terminal/numbers.ts";
import type { Invocation, Outcome } from "../../terminal/outcome.ts";

export interface CalendarOptions {
  readonly days: string;
  readonly from?: string;
}

export async function calendar(call: Invocation<CalendarOptions>): Promise<Outcome<"calendar">> {
  const { context, options, words, say } = call;
  const count = wholeNumber("--days", options.days, { least: 1, most: 366 });
  if (options.from !== undefined && !isDate(options.from))
    throw failure("BAL-C001", "--from", `"${options.from}" is not a date`, { hint: "write 2026-12-31" });
  const { folder, address } = readWords(words, context.cwd);
  const { loaded } = await readFleet(context, await filesOf(call, folder));
  const { calendars } = loaded.fleet;
  const now = context.now();
  const chosen = chooseCalendar(calendars, address);
  if (chosen === undefined) {
    const items = calendars.map((one) => summaryOf(one, now));
    return { exit: EXIT.done, text: renderCalendars(items, say), data: { calendars: items } };
  }
  const days = calendarDays(chosen, options.from ?? localDateOf(chosen.zone, now).toString(), count);
  const { name, zone, coveredUntil } = chosen;
  return {
    exit: EXIT.done,
    text: renderCalendar(chosen, days, say),
    data: { calendar: name, zone, coveredUntil, days: days.map(dayAnswer) },
  };
}

/** The one that is named, else the only one; undefined where there are several, or none, to choose from. */
function chooseCalendar(calendars: readonly Calendar[], named: string | undefined): Calendar | undefined {
  if (named === undefined) return calendars.length === 1 ? calendars[0] : undefined;
  const name = named.replace(/^calendar\//, "");
  const found = calendars.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = calendars.map((one) => one.name);
  const choice = names.length === 0 ? "this fleet has none" : `one of: ${names.join(", ")}`;
  throw failure("BAL-F050", `calendar/${name}`, `no calendar is named "${name.slice(0, 100)}"; ${choice}${suggestion(name, names)}`);
}

function summaryOf(one: Calendar, now: number) {
  const { admitted, nextOpen } = stateAt(one, now);
  const opens = nextOpen === undefined ? {} : { nextOpen: iso(nextOpen), nextOpenText: formatInstant(one.zone, nextOpen) };
  return { name: one.name, zone: one.zone, coveredUntil: one.coveredUntil, open: admitted, ...opens };
}

function dayAnswer(day: CalendarDay) {
  const { date, weekday, expected, holiday, clockChange, coverage } = day;
  return {
    date,
    weekday,
    open: day.open.map(spanAnswer),
    protected: day.protectedBy.map(({ kind, name, reason, ...one }) => ({
      kind,
      name,
      ...spanAnswer(one),
      ...(reason === undefined ? {} : { reason }),
    })),
    waves: day.waves.map((one) => ({ name: one.name, ...spanAnswer(one) })),
    expected: { ...expected },
    ...(holiday === undefined ? {} : { holiday }),
    ...(clockChange === undefined ? {} : { clockChange: { ...clockChange, at: iso(clockChange.at) } }),
    coverage,
  };
}

function spanAnswer({ start, end }: Interval) {
  return { start: iso(start), end: iso(end) };
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
