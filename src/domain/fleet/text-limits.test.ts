import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { loadFleet } from "./load.ts";
import type { FleetFile } from "./source.ts";
import { wholeTooLarge } from "./text-limits.ts";

const TODAY = { today: "2026-11-22" };
const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");

function said(text: string, path = "fleet.yaml"): readonly string[] {
  return saidOf([{ path, text }]);
}

function saidOf(files: readonly FleetFile[]): readonly string[] {
  const result = loadFleet(files, TODAY);
  return (result.ok ? result.warnings : result.problems).map(({ code, at, message }) => `${code} ${at} ${message}`);
}

const documentOf = (kind: string, name: string) => `apiVersion: ballast.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\n`;

test("a character that nobody sees is refused at its place, written as it is or as an escape", () => {
  for (const character of ["\0", "\u0007", "\u001b", "\u007f", "\u0085", "\u009b", "\u202e", "\u2066", "\u2028", "\ud800", "\ufeff"]) {
    const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    const message = `the character U+${code} is not text: nobody sees it`;
    for (const text of [`a: 1\n# b${character}c\n`, `a: 1\nx: b${character}c\n`, `a: 1\nxxb${character}c: 1\n`])
      expect(said(text)).toEqual([expect.stringMatching(new RegExp(`^BAL-F082 fleet[.]yaml:2:[0-9]+ ${message.replace("+", "[+]")}$`))]);
  }
  expect(said('a: "x\\0y"\n')).toContain("BAL-F082 fleet.yaml:1:4 the character U+0000 is not text: nobody sees it");
  expect(said('"x\\e[2Jy": 1\n')).toContain("BAL-F082 fleet.yaml:1:1 the character U+001B is not text: nobody sees it");
  expect(said('a: ["\\u202e"]\n')).toContain("BAL-F082 fleet.yaml:1:5 the character U+202E is not text: nobody sees it");
});

test("text of any language, on lines that end as on any system, is read", () => {
  const named = HELLO.replace(/name: Acme[^,}\n]*/, 'name: "Müller & Søn 株式会社 شركة नमस्ते 😀"');
  for (const text of [named, named.replaceAll("\n", "\r\n"), `\ufeff${named}`]) expect(said(text)).toEqual(said(HELLO));
});

test("a name of a file is refused like that, and one with a line end leads nobody astray", () => {
  for (const path of ["a\0.yaml", "a\n.yaml", "a\u001b[2J.yaml", "a\u202elmay.yaml"])
    expect(said(HELLO, path).map((one) => one.slice(0, 8))).toContain("BAL-F058");
});

test("however much stands in a file, what is found is bounded, and the rest is counted", () => {
  const result = saidOf(Array.from({ length: 40 }, (_, index) => ({ path: `f${index}.yaml`, text: "- x\n---\n".repeat(300) })));
  expect([result.length, result.at(-1)]).toEqual([
    501,
    expect.stringMatching(/^BAL-F084 .* more problems are not listed, [0-9]+ of them errors$/),
  ]);
});

test("no error is left out of what is listed for a warning", () => {
  const pools = Array.from({ length: 600 }, (_, index) => `${documentOf("Pool", `p${index}`)}spec: { postgres: { storage: 100Gi } }\n`);
  const result = saidOf([{ path: "fleet.yaml", text: [HELLO, ...pools, documentOf("Pool", "Wrong")].join("---\n") }]);
  expect([result.length, result.some((one) => one.startsWith("BAL-F012"))]).toEqual([501, true]);
  expect(result.at(-1)).toMatch(/ 101 more problems are not listed, 0 of them errors$/);
});

/** What took a minute, ended the process, or filled the memory before. */
const HOSTILE: Readonly<Record<string, string>> = {
  "lines of []": "[]\n".repeat(600_000),
  "lines of {}": "{}\n".repeat(600_000),
  "lines of text in quotes": '""\n'.repeat(600_000),
  "lines of ]": "]\n".repeat(900_000),
  "a list that never ends": `a: [\n${"a\n".repeat(900_000)}`,
  "a mapping that never ends": `a: {\n${"a: b\n".repeat(390_000)}`,
  "lists in one mapping": "a: []\n".repeat(300_000),
  "300,000 documents": "---\na: 1\n".repeat(200_000),
  "documents of nothing": "---\n".repeat(499_000),
  "ends of documents": "...\n".repeat(499_000),
  directives: "%a b\n".repeat(390_000),
  anchors: "- &a x\n".repeat(280_000),
  aliases: `a: &a x\nb: [${"*a, ".repeat(480_000)}]\n`,
  "laughs by the billion": `a: &a [x, x]\n${Array.from({ length: 30 }, (_, index) => `b${index}: &b${index} [*a, *a, *a]\n`).join("")}`,
  tags: `a: ${"!t ".repeat(600_000)}`,
  comments: "# c\n".repeat(480_000),
  "empty lines": "\n".repeat(1_900_000),
  "keys that are complex": "? [a]\n".repeat(330_000),
  "flow in flow": "[[[[[[[[[[\n".repeat(180_000),
  "blocks in blocks": "- - - - -\n".repeat(190_000),
  "text on many lines": `a: "${"x\n ".repeat(600_000)}"`,
  escapes: `a: "${"\\x41".repeat(480_000)}"`,
};

/** The same in documents that are just small enough. */
function inDocuments(text: string): string {
  const size = 250_000;
  return Array.from({ length: Math.floor(text.length / size) }, (_, index) => text.slice(index * size, (index + 1) * size)).join("\n---\n");
}

/** Together they take some seconds; each of them took longer than this test may, or ended the process. */
test("what would keep the parser busy is refused, and little of it is read", { timeout: 240_000 }, () => {
  const divided = Object.entries(HOSTILE).map(([what, text]) => [`${what}, in documents`, inDocuments(text)] as const);
  for (const [what, text] of [...Object.entries(HOSTILE), ...divided]) {
    expect([what, text.length <= 2_000_000]).toEqual([what, true]);
    const problems = said(text);
    expect([what, problems.length > 0, problems.length <= 501]).toEqual([what, true, true]);
  }
});

test("a fleet of ten thousand tenants is within the limits", () => {
  const tenant = HELLO.slice(HELLO.indexOf("---\napiVersion", HELLO.indexOf("kind: Pool")));
  const files = Array.from({ length: 10_000 }, (_, index) => ({ path: `tenants/${index % 4000}.yaml`, text: tenant.padEnd(2000, "#") }));
  const few = Array.from(
    Map.groupBy(files, (file) => file.path),
    ([path, same]) => ({ path, text: same.map((one) => one.text).join("\n") }),
  );
  expect(few.length).toBe(4000);
  expect(saidOf(few.map((file) => ({ ...file, text: "" })))).toEqual(["BAL-F022 tenants/0.yaml:1:1 no document of kind Fleet"]);
  expect(wholeTooLarge(few)).toBeUndefined();
});

test("no text makes reading throw", () => {
  const pieces = fc.constantFrom(
    "a: ",
    "- ",
    "? ",
    ": ",
    "[",
    "]",
    "{",
    "}",
    "\n",
    "  ",
    "---\n",
    "...\n",
    "&a ",
    "*a ",
    "!t ",
    "|\n",
    ">\n",
    '"',
    "'",
    "#",
    "%",
    "\t",
    "\0",
    "\u202e",
    "x",
    ", ",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 120 }), (parts) => {
      const result = loadFleet([{ path: "fleet.yaml", text: parts.join("") }], TODAY);
      expect(result.ok).toBe(false);
    }),
    { numRuns: 2000 },
  );
});
