import { createHash } from "node:crypto";

/** Plain JSON data: what specs, revisions and ledger entries are made of. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** One text for equal data: keys sorted by code unit, no white space, undefined members left out (the rules of RFC 8785 for data without exotic numbers). */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const members = Object.entries(value as { readonly [key: string]: Json | undefined })
      .filter((entry): entry is [string, Json] => entry[1] !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(",")}}`;
  }
  if (typeof value === "number" && !Number.isFinite(value)) throw new TypeError(`${value} cannot be written as JSON`);
  return JSON.stringify(value);
}

/** Whether two pieces of plain data are the same, in whatever order their members stand: the store gives them back in one of its own. */
export function isSameJson(one: unknown, other: unknown): boolean {
  return canonicalJson((one ?? null) as Json) === canonicalJson((other ?? null) as Json);
}

/** SHA-256 of a text or bytes, 64 hex digits. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** The identity of plain data: SHA-256 of its canonical text. */
export function hashOf(value: Json): string {
  return sha256(canonicalJson(value));
}

/** Ten letters and digits that tell a text from every other (48 bits), for names that must be short. */
export function shortHash(text: string): string {
  return BigInt(`0x${sha256(text).slice(0, 12)}`)
    .toString(36)
    .padStart(10, "0");
}
