import type { Instant } from "../../kernel/instant.ts";
import type { Calendar, Occurrence } from "./calendar.ts";
import { formatInstant } from "./format.ts";
import { occurrences } from "./occurrences.ts";
import { holds, intersection, openingsOf } from "./openings.ts";
import { coverageEnd } from "./wall-clock.ts";

/** How far ahead an opening is looked for. Within it every month end and every weekly window comes round. */
export const HORIZON_DAYS = 62;
const DAY_MS = 86_400_000;

/** One reason why a disruptive change is not admitted. */
export interface ClosedReason {
  readonly because: "outside-maintenance" | "freeze" | "cutoff" | "month-end" | "not-covered";
  readonly calendar: string;
  readonly text: string;
  /** When this reason ends, where it ends within what was looked at. */
  readonly until?: Instant;
}

export interface CalendarState {
  /** Whether a disruptive change is admitted now: in a maintenance window, not protected, covered. */
  readonly admitted: boolean;
  /** Whether a maintenance window is open; protection may still forbid to use it. */
  readonly maintenance: "open" | "closed";
  readonly protectedBy: readonly ClosedReason[];
  readonly covered: boolean;
  /** The first instant from now on at which a disruptive change is admitted; missing when there is none within the horizon. */
  readonly nextOpen?: Instant;
  /** When the opening at `nextOpen` ends; missing when that lies beyond the horizon. */
  readonly nextClose?: Instant;
  /** Every reason why it is closed; empty exactly when admitted. */
  readonly reasons: readonly ClosedReason[];
}

/** Whether a calendar admits a disruptive change now, why not, and when next. */
export function stateAt(calendar: Calendar, now: Instant): CalendarState {
  return stateOfAll([calendar], now);
}

/** The same for somebody bound by several calendars: all of them must be open. No calendar at all is closed. */
export function stateOfAll(calendars: readonly Calendar[], now: Instant): CalendarState {
  const until = now + HORIZON_DAYS * DAY_MS;
  const views = calendars.map((calendar) => ({ calendar, seen: occurrences(calendar, now, until) }));
  const openings = views.map(({ calendar, seen }) => openingsOf(calendar, seen));
  const common = openings.length === 0 ? [] : openings.reduce(intersection);
  const next = common.find((one) => one.end > now);
  const protectedBy = views.flatMap(({ calendar, seen }) => protections(calendar, seen, now));
  const outside = views.flatMap(({ calendar, seen }) => outsideMaintenance(calendar, seen, now));
  const uncovered = calendars.flatMap((calendar) => beyondCoverage(calendar, now));
  return {
    admitted: next !== undefined && next.start <= now,
    maintenance: outside.length === 0 && calendars.length > 0 ? "open" : "closed",
    protectedBy,
    covered: uncovered.length === 0,
    ...(next === undefined ? {} : { nextOpen: Math.max(now, next.start) }),
    // What lies beyond the horizon was not looked at, so an end there is not known to be one.
    ...(next === undefined || next.end >= until ? {} : { nextClose: next.end }),
    reasons: [...uncovered, ...protectedBy, ...outside],
  };
}

function protections(calendar: Calendar, seen: readonly Occurrence[], now: Instant): ClosedReason[] {
  return seen
    .filter((one) => one.effect === "deny" && holds(one, now))
    .map((one) => ({
      because: one.kind as "freeze" | "cutoff" | "month-end",
      calendar: calendar.name,
      text: protectionText(calendar, one),
      until: one.end,
    }));
}

function protectionText(calendar: Calendar, one: Occurrence): string {
  const until = formatInstant(calendar.zone, one.end);
  if (one.kind === "freeze") return `frozen by ${one.name} until ${until}: ${one.reason ?? ""}`;
  if (one.kind === "month-end") return `protected around the end of ${one.name} until ${until}`;
  return `protected for ${one.name} (${formatInstant(calendar.zone, one.at ?? one.end, "weekday")}) until ${until}`;
}

function outsideMaintenance(calendar: Calendar, seen: readonly Occurrence[], now: Instant): ClosedReason[] {
  const windows = seen.filter((one) => one.effect === "allow");
  if (windows.some((one) => holds(one, now))) return [];
  const base = { because: "outside-maintenance", calendar: calendar.name } as const;
  const next = windows.find((one) => one.start > now);
  if (next === undefined) return [{ ...base, text: `no maintenance window within ${HORIZON_DAYS} days` }];
  return [{ ...base, text: `outside maintenance until ${formatInstant(calendar.zone, next.start)}`, until: next.start }];
}

function beyondCoverage(calendar: Calendar, now: Instant): ClosedReason[] {
  if (now < coverageEnd(calendar.zone, calendar.coveredUntil)) return [];
  return [{ because: "not-covered", calendar: calendar.name, text: `the calendar covers nothing after ${calendar.coveredUntil}` }];
}
