import { formatDuration, parseDuration } from "../../../kernel/quantity.ts";
import { text } from "./forms.ts";

const PERCENT = /^\d{1,3}(\.\d{1,4})?%$/;

/** `10%`, `99.95%` → percent. */
export function percent({ min, max }: { readonly min: number; readonly max: number }) {
  return text(PERCENT, (value) => {
    const code = "BAL-F049";
    if (!PERCENT.test(value)) return { code, text: "is not a percentage", hint: "write 10% or 99.95%" };
    const number = Number.parseFloat(value);
    return number < min || number > max ? { code, text: `{field} ${value}: must be from ${min}% to ${max}%` } : undefined;
  }).transform((value) => Number.parseFloat(value));
}

const LONGEST_MS = 86_400_000;

/** `1500ms`, `2s` → milliseconds. */
export const latency = text(/^\d{1,9}(ms|s|m|h|d)$/, (value) => {
  const milliseconds = parseLatency(value);
  const code = "BAL-F030";
  if (milliseconds === undefined) return { code, text: "is not a duration", hint: "write 1500ms or 2s" };
  if (milliseconds === 0) return { code, text: `{field} ${value}: must be more than nothing` };
  return milliseconds > LONGEST_MS ? { code, text: `{field} ${value}: must be at most ${formatDuration(LONGEST_MS / 1000)}` } : undefined;
}).transform((value) => parseLatency(value) ?? 0);

function parseLatency(value: string): number | undefined {
  const [, milliseconds] = /^(\d{1,9})ms$/.exec(value) ?? [];
  const seconds = parseDuration(value);
  if (milliseconds !== undefined) return Number(milliseconds);
  return seconds === undefined ? undefined : seconds * 1000;
}

export interface Rate {
  readonly count: number;
  readonly perSeconds: number;
}

const RATE = /^([1-9]\d{0,6})\/([smh])$/;

/** `10/s`, `600/m` → how many in how many seconds. */
export const rate = text(RATE, (value) => {
  if (RATE.test(value)) return undefined;
  return { code: "BAL-F051", text: "is not a rate", hint: "write 10/s, 600/m or 5000/h" };
}).transform((value): Rate => {
  const [, count, unit] = RATE.exec(value) ?? [];
  return { count: Number(count), perSeconds: parseDuration(`1${unit}`) ?? 1 };
});
