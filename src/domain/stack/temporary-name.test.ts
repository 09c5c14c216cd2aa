import fc from "fast-check";
import { expect, test } from "vitest";
import { isTemporary, LONGEST_NAME, type Making, temporaryName } from "./temporary-name.ts";

const making = fc.constantFrom<Making>("new", "renew", "template", "gone");
const any = fc.stringMatching(/^[a-z][a-z0-9_-]{0,90}$/);
const bytes = (text: string) => new TextEncoder().encode(text).length;

test("a temporary name says what for and whose, and is never longer than PostgreSQL keeps", () => {
  expect(temporaryName("new", "acme_production")).toBe("~new~acme_production");
  fc.assert(
    fc.property(making, fc.oneof(any, fc.string({ unit: "grapheme", maxLength: 80 })), (act, name) => {
      expect(bytes(temporaryName(act, name))).toBeLessThanOrEqual(LONGEST_NAME);
    }),
  );
});

test("two temporary names are one only where work and name are, also when they had to be cut", () => {
  fc.assert(
    fc.property(making, making, any, any, (one, other, a, b) => {
      expect(temporaryName(one, a) === temporaryName(other, b)).toBe(one === other && a === b);
      // Names that begin alike are cut at the same place.
      const [long, longer] = [`${a}${"x".repeat(60)}a`, `${a}${"x".repeat(60)}b`];
      expect(temporaryName(one, long)).not.toBe(temporaryName(one, longer));
    }),
  );
});

test("a temporary name is told from any other", () => {
  fc.assert(fc.property(making, any, (act, name) => isTemporary(temporaryName(act, name)) && !isTemporary(name)));
});
