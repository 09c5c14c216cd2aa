/** The series of Odoo that Ballast knows the facts of, oldest first. */
export const KNOWN_SERIES = ["14.0", "15.0", "16.0", "17.0", "18.0", "19.0"] as const;
export type KnownSeries = (typeof KNOWN_SERIES)[number];

/** True for a series and all after it. */
export function isFrom(series: KnownSeries, first: KnownSeries): boolean {
  return Number(series) >= Number(first);
}

/** The value of the last entry that begins at or before a series; the first entry must begin at 14.0. */
export function lastFrom<T>(series: KnownSeries, entries: readonly (readonly [from: KnownSeries, value: T])[]): T {
  const found = entries.findLast(([from]) => isFrom(series, from));
  if (found === undefined) throw new Error(`nothing is said of ${series}`);
  return found[1];
}
