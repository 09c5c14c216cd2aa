import { sha256 } from "../../kernel/canonical.ts";

/** Bytes of a name that PostgreSQL keeps; what is longer it cuts without a word, and two names may become one. */
export const LONGEST_NAME = 63;
/** Stands in no declared name and in nothing that is derived from one, so nobody can declare a temporary object's name. */
const MARK = "~";
const HASH = 12;

/** What an object is made for that goes away, or gets another name, once the work is done. `gone`: a role that could not be dropped yet. */
export type Making = "new" | "renew" | "template" | "gone";

/** The name of a temporary database or role that belongs to another one: reachable by no declared name, different for different names, never cut. */
export function temporaryName(making: Making, name: string): string {
  const whole = `${MARK}${making}${MARK}${name}`;
  if (new TextEncoder().encode(whole).length <= LONGEST_NAME) return whole;
  const room = LONGEST_NAME - HASH - 1;
  const start = new TextDecoder().decode(new TextEncoder().encode(whole).slice(0, room)).replaceAll("\uFFFD", "");
  return `${start}${MARK}${sha256(whole).slice(0, HASH)}`;
}

/** True of a name that only `temporaryName` gives. */
export function isTemporary(name: string): boolean {
  return name.startsWith(MARK);
}
