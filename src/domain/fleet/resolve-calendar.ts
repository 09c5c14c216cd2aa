import { formatDuration } from "../../kernel/quantity.ts";
import type { Calendar } from "../calendar/calendar.ts";
import type { Declared } from "./declared.ts";
import { DEFAULTS } from "./defaults.ts";
import { subjectOf } from "./subject.ts";
import { byDefault, note, type Subject, settle, type Trace } from "./trace.ts";

/** Durations become seconds, what is not declared becomes nothing. */
export function resolveCalendar(declared: Declared<"Calendar">, trace: Trace): Calendar | undefined {
  if (declared.content === undefined) return undefined;
  const { metadata, spec } = declared.content;
  const subject = subjectOf(trace, `calendar/${metadata.name}`, declared);
  note(subject, "zone", spec.zone);
  note(subject, "coveredUntil", spec.coveredUntil);
  const cutoffs = spec.cutoffs?.map(({ protectBefore, protectAfter, ...one }) => ({
    ...one,
    protectBeforeSeconds: protectBefore,
    protectAfterSeconds: protectAfter ?? 0,
  }));
  const waves = spec.waves?.map(({ duration, ...one }) => ({ ...one, durationSeconds: duration ?? DEFAULTS.waveDurationSeconds }));
  const listed = <T>(field: string, items: readonly T[] | undefined, show: (item: T) => string): readonly T[] =>
    settle(subject, {
      field,
      declared: items,
      otherwise: { value: [], source: byDefault },
      show: (value) => (value.length === 0 ? "none" : value.map(show).join("; ")),
    });
  return {
    name: metadata.name,
    zone: spec.zone,
    coveredUntil: spec.coveredUntil,
    maintenance: listed("maintenance", spec.maintenance, (one) => `${one.days.join(" ")} ${one.from}-${one.to}`),
    freezes: listed("freezes", spec.freezes, (one) => `${one.name} ${one.from} to ${one.to}`),
    cutoffs: listed("cutoffs", cutoffs, (one) => `${one.name} ${one.at}, protected ${formatDuration(one.protectBeforeSeconds)} before`),
    waves: listed("waves", waves, (one) => `${one.name} ${one.at} for ${formatDuration(one.durationSeconds)}`),
    peaks: listed("peaks", spec.peaks, (one) => `${one.name} ${one.from} to ${one.to} × ${one.factor}`),
    ...monthEndOf(subject, spec.monthEnd),
    ...holidaysOf(subject, spec.holidays),
  };
}

type CalendarSpec = NonNullable<Declared<"Calendar">["content"]>["spec"];

function monthEndOf(subject: Subject, declared: CalendarSpec["monthEnd"]): Pick<Calendar, "monthEnd"> {
  const monthEnd = note(
    subject,
    "monthEnd",
    declared,
    (one) => `${formatDuration(one.protectBefore)} before, ${formatDuration(one.protectAfter)} after`,
  );
  if (monthEnd === undefined) return {};
  return { monthEnd: { protectBeforeSeconds: monthEnd.protectBefore, protectAfterSeconds: monthEnd.protectAfter } };
}

function holidaysOf(subject: Subject, declared: CalendarSpec["holidays"]): Pick<Calendar, "holidays"> {
  const holidays = note(subject, "holidays", declared, ({ country, subdivision, factor }) => {
    const name = subdivision === undefined ? country : `${country}-${subdivision}`;
    return factor === undefined ? name : `${name} × ${factor}`;
  });
  if (holidays === undefined) return {};
  const { country, subdivision, factor } = holidays;
  return { holidays: { country, ...(subdivision === undefined ? {} : { subdivision }), ...(factor === undefined ? {} : { factor }) } };
}
