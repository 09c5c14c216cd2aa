import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { mutation, processorMs } from "../../../test/support/fleet-mutations.ts";
import { loadFleet } from "./load.ts";

const TODAY = { today: "2026-11-22" };
const BASES = ["everything.yaml", "walkthrough.yaml"].map((name) => readFileSync(join(import.meta.dirname, "golden", name), "utf8"));

function load(text: string) {
  return loadFleet([{ path: "fleet.yaml", text }], TODAY);
}

test("the fleet that declares everything loads, so that its mutations reach every field", () => {
  const result = load(BASES[0] ?? "");
  expect(result.ok ? [...new Set(result.warnings.map((one) => one.code))] : result.problems).toEqual(["BAL-B085"]);
});

test("whatever is written, nothing breaks: what is read is answered", { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(fc.constantFrom(...BASES), fc.array(mutation, { minLength: 1, maxLength: 4 }), (base, mutations) => {
      const result = load(mutations.reduce((so, mutate) => mutate(so), base));
      expect(result.ok || result.problems.some((one) => one.severity === "error")).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("loading twice says the same twice", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(fc.constantFrom(...BASES), mutation, (base, mutate) => {
      const [one, two] = [load(mutate(base)), load(mutate(base))];
      expect(one.ok ? one.value.fleet : one.problems).toEqual(two.ok ? two.value.fleet : two.problems);
    }),
    { numRuns: 200 },
  );
});

test("nesting, repetition and size are bounded before anything recurses over them", () => {
  const hostileTexts = [
    "- ".repeat(20_000),
    "? ".repeat(20_000),
    "[".repeat(100_000),
    "{a: ".repeat(5000),
    Array.from({ length: 2000 }, (_, index) => `${" ".repeat(index)}a:`).join("\n"),
    Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join("\n"),
    `a: &a [x, x]\n${"abcdefgh".replace(/./g, (key, index) => `${key}${index}: &n${index} [*a, *a, *a]\n`)}`,
    "a: 1\n".repeat(5000),
    "x".repeat(5_000_000),
  ];
  for (const text of hostileTexts) {
    const ms = processorMs(() => expect(load(text).ok).toBe(false));
    expect(ms).toBeLessThan(1000);
  }
});
