import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { StartOperation } from "../src/api/contract/contract.ts";
import { LOOK_EVERY_MS } from "../src/app/reconcile/pass-loop.ts";
import { CODE_TABLES } from "./codes.ts";

const ROOT = join(import.meta.dirname, "..");
/** The command line brings its codes with it; until its table is listed in `codes.ts`, the documents may already speak of them. */
const EXPECTED_LATER = existsSync(join(ROOT, "src/cli/codes.ts")) ? /^$/ : /^BAL-C/;

const documents = ["README.md", ...globSync("docs/**/*.md", { cwd: ROOT })].sort();
const known = new Set(CODE_TABLES.flatMap((table) => table.codes.map((entry) => entry.code)));

function textOf(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

function codesIn(file: string): readonly string[] {
  return [...textOf(file).matchAll(/\bBAL-[A-Z]\d{3}\b/g)].map(([code]) => code);
}

/** GitHub's rule: lower case, no punctuation, a hyphen for each blank. */
function anchorsOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

function isDead(from: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? from : join(dirname(from), path);
  if (!existsSync(join(ROOT, target))) return true;
  return anchor !== undefined && target.endsWith(".md") && !anchorsOf(textOf(target)).includes(anchor);
}

test("every relative link of the documents leads to a file, and every anchor to a heading", () => {
  const dead = documents.flatMap((file) =>
    [...textOf(file).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = ""]) => link)
      .filter((link) => !/^[a-z]+:/.test(link) && isDead(file, link))
      .map((link) => `${file}: ${link}`),
  );
  expect(documents.length).toBeGreaterThan(5);
  expect(dead).toEqual([]);
});

test("the fleet in the README is the example that it names", () => {
  const [, shown = ""] = /```yaml\n([\s\S]*?)```/.exec(textOf("README.md")) ?? [];
  const example = textOf("examples/hello/fleet.yaml").replaceAll(/^#.*\n/gm, "");
  expect(shown).toBe(example);
});

test("how soon the reconciler looks is said as it is", () => {
  expect([LOOK_EVERY_MS > 15_000, LOOK_EVERY_MS <= 30_000]).toEqual([true, true]);
  expect(documents.filter((file) => textOf(file).includes("quarter of a minute"))).toEqual([]);
  expect(textOf("docs/operations.md").match(/within half a minute, (in one|while everything serves)/g)?.length).toBe(2);
});

test("the verbs of an operation are those that the interface takes", () => {
  const [, verbs = ""] = /began: ((?:`[a-z]+`(?:, )?)+);/.exec(textOf("docs/concepts.md")) ?? [];
  const taken = StartOperation.options.map((one) => one.shape.verb.value);
  expect([...verbs.matchAll(/[a-z]+/g)].map(([verb]) => verb).sort()).toEqual([...taken].sort());
});

test("every code that the documents mention is in a code table", () => {
  const strange = documents.flatMap((file) =>
    codesIn(file)
      .filter((code) => !known.has(code) && !EXPECTED_LATER.test(code))
      .map((code) => `${file}: ${code}`),
  );
  expect(strange).toEqual([]);
});

test("every code that the program uses is in a code table, and none is listed twice", () => {
  const used = globSync("src/**/*.ts", { cwd: ROOT }).filter((file) => !/[.](test|contract)[.]ts$/.test(file));
  expect(used.flatMap((file) => codesIn(file).filter((code) => !known.has(code)))).toEqual([]);
  expect(known.size).toBe(CODE_TABLES.flatMap((table) => table.codes).length);
});

test("every codes.ts of the source is listed for the reference", () => {
  const listed = textOf("src/app/revisions/code-tables.ts");
  expect(
    globSync("src/**/codes.ts", { cwd: ROOT }).filter((file) => !listed.includes(`from "../../${file.slice("src/".length)}"`)),
  ).toEqual([]);
});
