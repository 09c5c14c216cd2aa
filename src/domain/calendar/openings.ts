import type { Instant } from "../../kernel/instant.ts";
import type { Calendar, Interval, Occurrence } from "./calendar.ts";
import { coverageEnd } from "./wall-clock.ts";

export function holds(interval: Interval, at: Instant): boolean {
  return interval.start <= at && at < interval.end;
}

/** Allowances joined, minus denials, cut at the end of coverage. In order and apart from each other. */
export function openingsOf(calendar: Calendar, seen: readonly Occurrence[]): readonly Interval[] {
  const end = coverageEnd(calendar.zone, calendar.coveredUntil);
  const allowed = union(seen.filter((one) => one.effect === "allow"));
  const denied = union([...seen.filter((one) => one.effect === "deny"), { start: end, end: Number.MAX_SAFE_INTEGER }]);
  return allowed.flatMap((one) => without(one, denied));
}

function union(intervals: readonly Interval[]): Interval[] {
  const joined: { start: Instant; end: Instant }[] = [];
  for (const { start, end } of [...intervals].sort((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else joined.push({ start, end });
  }
  return joined;
}

function without(interval: Interval, denied: readonly Interval[]): Interval[] {
  const rest: Interval[] = [];
  let start = interval.start;
  for (const no of denied) {
    if (no.end <= start || no.start >= interval.end) continue;
    if (no.start > start) rest.push({ start, end: no.start });
    start = Math.max(start, no.end);
  }
  if (start < interval.end) rest.push({ start, end: interval.end });
  return rest;
}

export function intersection(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  return a.flatMap((one) =>
    b.map((two) => ({ start: Math.max(one.start, two.start), end: Math.min(one.end, two.end) })).filter((both) => both.start < both.end),
  );
}
