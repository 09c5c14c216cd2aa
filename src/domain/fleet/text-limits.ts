import { NEVER_WRITTEN } from "../../kernel/foreign-text.ts";
import type { Problem } from "../../kernel/problem.ts";
import type { FleetCode } from "./codes.ts";

/** How much is read of a fleet. Ten thousand tenants in files of their own are some 10,000 documents and 20 MB. */
export const FLEET_LIMITS = {
  files: 5000,
  fileCharacters: 2_000_000,
  allCharacters: 32 * 1024 * 1024,
  documents: 50_000,
  /** One document is one tenant or one calendar: a few thousand characters. What the parser does with a single one must stay short. */
  documentCharacters: 256 * 1024,
} as const;

/** Problems that are found in one document, and in all; then the rest is not read. */
export const MOST_FOUND = { document: 200, all: 2000 } as const;
/** Problems that are listed. */
const MOST_LISTED = 500;
const MOST_CONTROLS = 20;

/** A text as people write it has none of these: controls but line ends and tabs, what turns the direction of text, other line ends, broken characters. */
const CONTROL = new RegExp(String.raw`[^\P{Cc}\t\n\r]|[${NEVER_WRITTEN}]|(?<!^)\ufeff`, "gu");
const DOCUMENT_BEGINS = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/gm;

type At = (offset: number) => string;

/** What makes a file too large to be parsed, before it is: with the place, the limit, and how much there is. */
export function tooLarge(text: string, at: At): Problem | undefined {
  if (text.length > FLEET_LIMITS.fileCharacters)
    return problem(
      "BAL-F004",
      at(0),
      `the file has ${text.length} characters; at most ${FLEET_LIMITS.fileCharacters} are read`,
      "split the fleet into several files",
    );
  let from = 0;
  for (const { index } of [...boundaries(text), { index: text.length }]) {
    if (index - from > FLEET_LIMITS.documentCharacters) {
      const message = `a document has ${index - from} characters; at most ${FLEET_LIMITS.documentCharacters} are read`;
      return problem("BAL-F004", at(from), message, "one document declares one thing; --- begins the next");
    }
    from = index;
  }
  return undefined;
}

/** About how many documents a text holds: each begins or ends with a line of its own. */
export function documentsIn(text: string): number {
  let count = 1;
  for (const _ of boundaries(text)) count++;
  return count;
}

function* boundaries(text: string): Generator<{ readonly index: number }> {
  for (const match of text.matchAll(DOCUMENT_BEGINS)) yield { index: match.index };
}

/** What makes the whole too large, before any of it is parsed. */
export function wholeTooLarge(files: readonly { readonly path: string; readonly text: string }[]): Problem | undefined {
  const counts = [
    ["files", files.length, FLEET_LIMITS.files],
    ["characters", files.reduce((sum, file) => sum + file.text.length, 0), FLEET_LIMITS.allCharacters],
    ["documents", files.reduce((sum, file) => sum + documentsIn(file.text), 0), FLEET_LIMITS.documents],
  ] as const;
  const over = counts.find(([, count, most]) => count > most);
  if (over === undefined) return undefined;
  const [what, count, most] = over;
  const largest = files.reduce((one, other) => (other.text.length > one.text.length ? other : one));
  return problem(
    "BAL-F083",
    `${largest.path}:1:1`,
    `the fleet has ${count} ${what}; at most ${most} are read`,
    "divide it into several fleets",
  );
}

/** Characters in a file that nobody sees: what is shown would differ from what is meant. */
export function controlProblems(text: string, at: At): readonly Problem[] {
  const problems: Problem[] = [];
  for (const match of text.matchAll(CONTROL)) {
    if (problems.length === MOST_CONTROLS) break;
    problems.push(control(match[0], at(match.index)));
  }
  return problems;
}

/** The same in a value, where an escape such as `\0` put it. Line ends and tabs are what texts of several lines are made of. */
export function controlIn(value: string, at: () => string): Problem | undefined {
  const [found] = value.match(CONTROL) ?? [];
  return found === undefined ? undefined : control(found, at());
}

function control(character: string, at: string): Problem {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return problem("BAL-F082", at, `the character U+${code} is not text: nobody sees it`, "take it out");
}

/** As many as a person reads, in their order; the others are counted. No error is left out for a warning. */
export function listed(problems: readonly Problem[]): readonly Problem[] {
  if (problems.length <= MOST_LISTED) return problems;
  const isError = (one: Problem) => one.severity === "error";
  const shown = new Set([...problems.filter(isError), ...problems.filter((one) => !isError(one))].slice(0, MOST_LISTED));
  const more = problems.filter((one) => !shown.has(one));
  const errors = more.filter(isError).length;
  const at = more[0]?.at ?? "";
  const message = `${more.length} more problems are not listed, ${errors} of them errors`;
  return [
    ...problems.filter((one) => shown.has(one)),
    { ...problem("BAL-F084", at, message, "repair the first ones, then check again"), severity: errors > 0 ? "error" : "warning" },
  ];
}

function problem(code: FleetCode, at: string, message: string, hint: string): Problem {
  return { code, severity: "error", at, message, hint };
}
