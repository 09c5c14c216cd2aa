import { bounded, forStore } from "./foreign-text.ts";

/** How deep a value may nest: PostgreSQL parses JSON by recursion, and refuses what is deeper than its stack. */
const DEEPEST = 200;

/**
 * Plain data as jsonb takes it: every text and key without NUL and lone surrogates, dates as text, what nests too deeply cut. Equal data stays equal.
 * @param longest characters of a single text that are kept; all of them unless said.
 */
export function storeValue(value: unknown, longest = Number.POSITIVE_INFINITY): unknown {
  return fit(value, longest, 0);
}

function fit(value: unknown, longest: number, depth: number): unknown {
  if (typeof value === "string") return forStore(bounded(value, { characters: longest }));
  if (value === null || typeof value !== "object") return value;
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") return fit((value as { toJSON(): unknown }).toJSON(), longest, depth);
  if (depth >= DEEPEST) return "… (nested too deeply)";
  if (Array.isArray(value)) return value.map((item) => fit(item, longest, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [forStore(key), fit(member, longest, depth + 1)]));
}

/** The JSON text of a value for a jsonb column. */
export function storeJson(value: unknown, longest?: number): string {
  return JSON.stringify(storeValue(value, longest)) ?? "null";
}
