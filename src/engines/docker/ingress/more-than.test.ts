import fc from "fast-check";
import { expect, test } from "vitest";
import { moreThan } from "./more-than.ts";

test("a number is matched when it is greater, and only then, whatever zeros stand before it", () => {
  const near = fc
    .nat()
    .chain((limit) => fc.tuple(fc.constant(limit), fc.oneof(fc.nat(), fc.integer({ min: Math.max(0, limit - 3), max: limit + 3 }))));
  fc.assert(
    fc.property(near, fc.nat(3), ([limit, value], zeros) => {
      expect(new RegExp(moreThan(limit)).test(`${"0".repeat(zeros)}${value}`)).toBe(value > limit);
    }),
  );
});

test("what is no number is not matched", () => {
  for (const text of ["", "0", "x999", "999x", "-999", "9 99"]) expect([text, new RegExp(moreThan(99)).test(text)]).toEqual([text, false]);
});
