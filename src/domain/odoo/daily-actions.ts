import { sha256 } from "../../kernel/canonical.ts";

const MINUTES_OF_AN_HOUR = 60;

/** By how many minutes the daily actions of an environment are moved: always the same ones for it, and about as many environments for each minute. */
export function shiftOf(environment: string): number {
  return Number.parseInt(sha256(environment).slice(0, 8), 16) % MINUTES_OF_AN_HOUR;
}
