import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FLEET_CODES } from "./codes.ts";
import { loadFleet } from "./load.ts";

const TODAY = { today: "2026-11-22" };
const CODES: ReadonlySet<string> = new Set(FLEET_CODES.map((one) => one.code));
const BASES = ["everything.yaml", "walkthrough.yaml"].map((name) => readFileSync(join(import.meta.dirname, "golden", name), "utf8"));

type Mutation = (text: string) => string;

const position = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const hostile = fc.oneof(
  fc.constantFrom(
    "&a ",
    "*a",
    "!!binary ",
    "%YAML 1.1\n",
    "<<: ",
    "? ",
    "- ",
    "[",
    "{",
    "}",
    "]",
    '"',
    "'",
    "|",
    ">",
    "#",
    ":",
    "\t",
    "\n",
    "\0",
    "\ufeff",
    "---\n",
    "...\n",
  ),
  fc.constantFrom(
    "__proto__",
    "constructor",
    "toString",
    "null",
    "~",
    "true",
    ".nan",
    "-.inf",
    "0x10",
    "1e999",
    "99999999999999999999",
    "19.0",
    "''",
    "[]",
    "{}",
  ),
  fc.string({ unit: "binary", maxLength: 8 }),
);

function spliced(where: number, removed: number, inserted: string): Mutation {
  return (text) => {
    const at = Math.floor(where * text.length);
    return text.slice(0, at) + inserted + text.slice(at + removed);
  };
}

function onLines(change: (lines: string[], at: number, other: number) => string[]): (a: number, b: number) => Mutation {
  return (a, b) => (text) => {
    const lines = text.split("\n");
    return change(lines, Math.floor(a * lines.length), Math.floor(b * lines.length)).join("\n");
  };
}

const dropLine = onLines((lines, at) => lines.toSpliced(at, 1));
const repeatLine = onLines((lines, at, other) => lines.toSpliced(other, 0, lines[at] ?? ""));
const indentLine = onLines((lines, at, other) => lines.with(at, `${" ".repeat(other % 5)}${lines[at]}`));

/** Replaces one word or value by another of the same text, or by something strange. */
function onWord(where: number, other: number, strange: string | undefined): Mutation {
  return (text) => {
    const words = [...text.matchAll(/[\w.:/@-]+/g)];
    const at = words[Math.floor(where * words.length)];
    if (at === undefined) return text;
    const put = strange ?? words[Math.floor(other * words.length)]?.[0] ?? "";
    return text.slice(0, at.index) + put + text.slice(at.index + at[0].length);
  };
}

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(position, fc.nat(3), hostile).map(([where, removed, inserted]) => spliced(where, removed, inserted)),
  fc.tuple(position, position).map(([a, b]) => dropLine(a, b)),
  fc.tuple(position, position).map(([a, b]) => repeatLine(a, b)),
  fc.tuple(position, position).map(([a, b]) => indentLine(a, b)),
  fc.tuple(position, position, fc.option(hostile, { nil: undefined })).map(([a, b, strange]) => onWord(a, b, strange)),
);

function load(text: string) {
  return loadFleet([{ path: "fleet.yaml", text }], TODAY);
}

test("the fleet that declares everything loads, so that its mutations reach every field", () => {
  const result = load(BASES[0] ?? "");
  expect(result.ok ? result.warnings.map((one) => one.code) : result.problems).toEqual([]);
});

test("whatever is written: an answer within a second, and each problem with a known code and a place in the text", {
  timeout: 120_000,
}, () => {
  fc.assert(
    fc.property(fc.constantFrom(...BASES), fc.array(mutation, { minLength: 1, maxLength: 4 }), (base, mutations) => {
      const text = mutations.reduce((so, mutate) => mutate(so), base);
      const started = performance.now();
      const result = load(text);
      expect(performance.now() - started).toBeLessThan(1000);
      const problems = result.ok ? result.warnings : result.problems;
      expect(result.ok || problems.some((one) => one.severity === "error")).toBe(true);
      const lines = text.split(/\r\n|[\n\r]/).length;
      for (const { code, at, message } of problems) {
        const place = /^fleet[.]yaml:(\d+):(\d+)$/.exec(at);
        expect([
          CODES.has(code),
          place !== null && Number(place[1]) <= lines,
          message.includes("undefined"),
          message.includes("{field}"),
        ]).toEqual([true, true, false, false]);
      }
    }),
    { numRuns: 3000 },
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
    const started = performance.now();
    expect(load(text).ok).toBe(false);
    expect(performance.now() - started).toBeLessThan(1000);
  }
});
