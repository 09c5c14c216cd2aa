import type { Instant } from "../../kernel/instant.ts";

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** `HH:MM` on the wall clock of the calendar's zone; `24:00` only as an end. */
export type LocalTime = string;
/** `YYYY-MM-DD` in the calendar's zone. */
export type LocalDate = string;

/** When disruptive changes are admitted. A window whose `to` is not after its `from` ends on the next day. */
export interface MaintenanceWindow {
  readonly days: readonly Weekday[];
  readonly from: LocalTime;
  readonly to: LocalTime;
}

/** No disruptive change from `from` to `to`. Of a date the whole day counts, so the day `to` is still frozen. */
export interface Freeze {
  readonly name: string;
  /** `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM`. */
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

/** A moment of the day that the business must not miss, and how long around it nothing may be disturbed. */
export interface Cutoff {
  readonly name: string;
  readonly days: readonly Weekday[];
  readonly at: LocalTime;
  readonly protectBeforeSeconds: number;
  readonly protectAfterSeconds: number;
}

/** A recurring burst of work. It informs forecasts and scaling, it closes nothing. */
export interface Wave {
  readonly name: string;
  readonly days: readonly Weekday[];
  readonly at: LocalTime;
  readonly durationSeconds: number;
}

/** Protection around 00:00 on the first of each month. */
export interface MonthEnd {
  readonly protectBeforeSeconds: number;
  readonly protectAfterSeconds: number;
}

/** A season with another load. `MM-DD` recurs every year and may cross New Year; both days are part of it. It closes nothing. */
export interface Peak {
  readonly name: string;
  /** `MM-DD` or `YYYY-MM-DD`, both ends in the same form. */
  readonly from: string;
  readonly to: string;
  readonly factor: number;
}

/**
 * Whose public holidays apply. On a holiday nothing is sent or fetched, so its cut-offs and waves do not happen and protect nothing.
 * Maintenance windows stay as they are declared: a holiday opens nothing that somebody did not mean to open.
 */
export interface Holidays {
  readonly country: string;
  readonly subdivision?: string;
  /** Expected work on a holiday, compared with an ordinary day; then seasons do not count. As on other days when missing. */
  readonly factor?: number;
}

/** The business clock of somebody. Plain, validated data; all times are wall-clock times of `zone`. */
export interface Calendar {
  readonly name: string;
  readonly zone: string;
  /** The last day that somebody thought about. Beyond it the calendar is closed. */
  readonly coveredUntil: LocalDate;
  readonly maintenance: readonly MaintenanceWindow[];
  readonly freezes: readonly Freeze[];
  readonly cutoffs: readonly Cutoff[];
  readonly waves: readonly Wave[];
  readonly monthEnd?: MonthEnd;
  readonly peaks: readonly Peak[];
  readonly holidays?: Holidays;
}

/** Half-open: `start` is in it, `end` is not. */
export interface Interval {
  readonly start: Instant;
  readonly end: Instant;
}

/** One occurrence of something in a calendar. `allow` admits disruption, `deny` forbids it and wins, `inform` does neither. */
export interface Occurrence extends Interval {
  readonly kind: "maintenance" | "freeze" | "cutoff" | "month-end" | "wave" | "peak" | "holiday";
  readonly effect: "allow" | "deny" | "inform";
  readonly calendar: string;
  readonly name: string;
  /** The moment itself, of a cut-off or the turn of a month. Of a cut-off it is always on the day that it is meant for. */
  readonly at?: Instant;
  /** Why, of a freeze. */
  readonly reason?: string;
  /** Of a peak, and of a holiday that has one. */
  readonly factor?: number;
}
