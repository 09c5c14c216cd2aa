import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, hashOf, type Json } from "./canonical.ts";
import { editDistance, nearest } from "./distance.ts";
import { concluded, type Problem } from "./problem.ts";
import { formatDuration, formatSize, parseDuration, parseSize } from "./quantity.ts";

test("canonical JSON does not depend on the order in which members were written", () => {
  expect(canonicalJson({ b: 1, a: { d: [true, null], c: "ü" }, gone: undefined })).toBe('{"a":{"c":"ü","d":[true,null]},"b":1}');
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const reversed = Object.fromEntries(Object.entries(object).reverse());
      expect(hashOf(reversed as Json)).toBe(hashOf(object as Json));
      expect(JSON.parse(canonicalJson(object as Json))).toEqual(JSON.parse(JSON.stringify(object)));
    }),
  );
});

test("a number that JSON cannot hold is a bug, not silently null", () => {
  expect(() => canonicalJson({ load: Number.NaN })).toThrow(TypeError);
});

test("durations and sizes survive being written and read again", () => {
  fc.assert(fc.property(fc.nat(500_000_000), (seconds) => parseDuration(formatDuration(seconds)) === seconds));
  fc.assert(fc.property(fc.nat(4_000_000), (kibi) => parseSize(formatSize((kibi + 1) * 1024)) === (kibi + 1) * 1024));
  expect([parseDuration("90s"), parseDuration("2h"), parseDuration("2 h"), parseDuration("-1s"), parseDuration("1.5h")]).toEqual([
    90,
    7200,
    undefined,
    undefined,
    undefined,
  ]);
  expect([parseSize("512Mi"), parseSize("2Gi"), parseSize("2G"), parseSize("")]).toEqual([
    536_870_912,
    2_147_483_648,
    undefined,
    undefined,
  ]);
});

test("edit distance obeys the laws of a distance and counts a swap once", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
    }),
  );
  expect([editDistance("shraed", "shared"), editDistance("shard", "shared"), editDistance("", "abc")]).toEqual([1, 1, 3]);
  expect([nearest("shard", ["shared", "isolated"]), nearest("kubernetes", ["docker"])]).toEqual(["shared", undefined]);
});

test("warnings never refuse, one error always does", () => {
  const warning: Problem = { code: "BAL-X001", severity: "warning", at: "a", message: "m" };
  const error: Problem = { ...warning, severity: "error" };
  expect(concluded(1, [warning])).toEqual({ ok: true, value: 1, warnings: [warning] });
  expect(concluded(1, [warning, error])).toEqual({ ok: false, problems: [warning, error] });
});
