import { z } from "zod";
import { WEEKDAYS } from "../../calendar/calendar.ts";
import { holidayCountries, holidaySubdivisions } from "../../calendar/holidays.ts";
import { envelope, metadata } from "./document.ts";
import {
  type Complaint,
  country,
  date,
  dateOrTime,
  dayOfYear,
  duration,
  endOfSpan,
  field,
  list,
  matching,
  name,
  note,
  optional,
  timeOfDay,
  zone,
} from "./forms.ts";

const DAY_SECONDS = 86_400;

const days = field(list(z.enum(WEEKDAYS)), "Days of the week on which it starts.");

function refuse(context: z.RefinementCtx, path: string, text: string): void {
  const complaint: Complaint = { code: "BAL-F037", text };
  context.addIssue({ code: "custom", message: text, path: [path], params: { ...complaint } });
}

const window = z
  .strictObject({
    days,
    from: field(timeOfDay, "Start, on the wall clock of the zone."),
    to: field(endOfSpan, "End. Not after `from`: on the next day."),
  })
  .superRefine((value, context) => {
    if (value.from === value.to) refuse(context, "to", "is also the start; write 00:00 to 24:00 for a whole day");
  });

const freeze = z
  .strictObject({
    name: field(name, "Name of the freeze."),
    from: field(dateOrTime, "First day, or date and time."),
    to: field(dateOrTime, "Last day, which is still frozen, or the date and time at which it ends."),
    reason: field(note, "Why. Shown to everybody who is held by it."),
  })
  .superRefine((value, context) => {
    const start = value.from.length === 10 ? `${value.from}T00:00` : value.from;
    const end = value.to.length === 10 ? `${value.to}T24:00` : value.to;
    if (end <= start) refuse(context, "to", `is not after from ${value.from}`);
  });

const protection = duration({ min: 0, max: 31 * DAY_SECONDS });

const cutoff = z.strictObject({
  name: field(name, "Name of the cut-off."),
  days,
  at: field(timeOfDay, "The moment that must not be missed."),
  protectBefore: field(duration({ max: 31 * DAY_SECONDS }), "How long before it nothing may be disturbed."),
  protectAfter: optional(protection, "How long after it nothing may be disturbed.", "0s"),
});

const wave = z.strictObject({
  name: field(name, "Name of the wave."),
  days,
  at: field(timeOfDay, "When it starts."),
  duration: optional(duration({ max: DAY_SECONDS }), "How long it lasts.", "1h"),
});

const monthEnd = z.strictObject({
  protectBefore: field(protection, "How long before 00:00 on the first nothing may be disturbed. Whole days are calendar days."),
  protectAfter: field(protection, "How long after it nothing may be disturbed."),
});

const peak = z
  .strictObject({
    name: field(name, "Name of the season."),
    from: field(dayOfYear, "First day: MM-DD for every year, or YYYY-MM-DD."),
    to: field(dayOfYear, "Last day, in the same form. MM-DD before `from`: in the next year."),
    factor: field(z.number().gt(0).max(100), "Expected work compared with an ordinary day."),
  })
  .superRefine((value, context) => {
    if (value.from.length !== value.to.length)
      refuse(context, "to", `must have the same form as from ${value.from}: both every year, or both of one year`);
    else if (value.from.length === 10 && value.to < value.from) refuse(context, "to", `is before from ${value.from}`);
  });

const subdivision = matching(/^[A-Z0-9]{1,3}$/, {
  code: "BAL-F015",
  text: "is not a subdivision",
  hint: "the part after the hyphen of ISO 3166-2, such as BE for DE-BE",
});

const holidays = z
  .strictObject({
    country: field(country, "Country, ISO 3166."),
    subdivision: optional(subdivision, "State or province: the part after the hyphen of ISO 3166-2."),
    factor: optional(
      z.number().min(0).max(100),
      "Expected work on a holiday compared with an ordinary day; then peaks do not count. As on other days when not declared.",
    ),
  })
  .superRefine((value, context) => {
    const mistake = unknownHolidays(value);
    if (mistake === undefined) return;
    const { path, ...complaint } = mistake;
    context.addIssue({ code: "custom", message: complaint.text, path: [path], params: { ...complaint } });
  });

/** Holidays of nobody would be worse than none: the cut-offs of a holiday would be protected, those of other days not. */
function unknownHolidays({ country: of, subdivision: part }: { readonly country: string; readonly subdivision?: string | undefined }) {
  const countries = holidayCountries();
  const code = "BAL-F038";
  if (!countries.includes(of)) return { code, path: "country", text: `has no known holidays; one of: ${countries.join(", ")}` } as const;
  const parts = holidaySubdivisions(of);
  if (part === undefined || parts.includes(part)) return undefined;
  const known = parts.length === 0 ? "none is known" : `one of: ${parts.join(", ")}`;
  return { code, path: "subdivision", text: `is not a subdivision of ${of}; ${known}` } as const;
}

/** A business clock: when the company can bear a disruption, when it cannot, and when work peaks. */
export const CalendarDocument = envelope(
  "Calendar",
  metadata,
  field(
    z.strictObject({
      zone: field(
        zone,
        "IANA time zone, such as Europe/Berlin. Abbreviations and offsets are refused: they do not know when clocks change.",
      ),
      coveredUntil: field(date, "Last day that this calendar was thought through for. It is closed beyond."),
      holidays: optional(
        holidays,
        "Whose public holidays apply: on these days cut-offs and waves do not happen. Maintenance stays as declared.",
      ),
      maintenance: optional(list(window, 0), "When disruptive changes are admitted. Without any, only at once and with a reason.", []),
      freezes: optional(list(freeze, 0), "Spans without any disruptive change.", []),
      cutoffs: optional(list(cutoff, 0), "Moments that must not be missed, such as the last pick-up of a carrier.", []),
      waves: optional(list(wave, 0), "Recurring bursts of work. They inform forecasts and close nothing.", []),
      monthEnd: optional(monthEnd, "Protection around the turn of each month."),
      peaks: optional(list(peak, 0), "Seasons with more or less work than usual. They inform forecasts and close nothing.", []),
    }),
    "The clock.",
  ),
);
export type CalendarDocument = z.output<typeof CalendarDocument>;
