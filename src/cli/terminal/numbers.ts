import { failure } from "../../kernel/problem.ts";

/** The whole number that an option was given. */
export function wholeNumber(flag: string, text: string, range: { readonly least: number; readonly most: number }): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= range.least && number <= range.most) return number;
  throw failure("BAL-C001", flag, `"${text}" is not a whole number from ${range.least} to ${range.most}`);
}
