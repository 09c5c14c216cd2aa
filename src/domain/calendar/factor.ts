import type { Instant } from "../../kernel/instant.ts";
import type { Calendar } from "./calendar.ts";
import { occurrences } from "./occurrences.ts";

export interface ExpectedFactor {
  /** Expected work compared with an ordinary day, which has 1. */
  readonly factor: number;
  /** Which season or holiday says so. */
  readonly because: string;
}

/** How much work is expected at an instant, and why. A holiday that has a factor counts alone; else the highest of the seasons; 1 outside of all. */
export function factorAt(calendar: Calendar, at: Instant): ExpectedFactor {
  const informing = { ...calendar, maintenance: [], freezes: [], cutoffs: [], waves: [] };
  const seen = occurrences(informing, at, at + 1).flatMap(({ kind, name, factor }) =>
    factor === undefined ? [] : [{ kind, name, factor }],
  );
  const holiday = seen.find((one) => one.kind === "holiday");
  if (holiday !== undefined) return { factor: holiday.factor, because: `holiday ${holiday.name}` };
  const [highest] = seen.toSorted((a, b) => b.factor - a.factor);
  return highest === undefined ? { factor: 1, because: "an ordinary day" } : { factor: highest.factor, because: `peak ${highest.name}` };
}
