import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");

/** Private words that were replaced by the field's own (docs/glossary.md); as phrases, since single common words have other uses. */
const OLD = [
  /\bways? out\b/i,
  /nobody notices/i,
  /closed about/i,
  /closed from then on/i,
  /tried to reach/i,
  /\bwalked\b|to their end/i,
  /\banew\b/i,
  /\bmend(s|ed|ing)?\b/i,
  /broke meanwhile/i,
  /is held by operation/i,
  /leads no more/i,
  /is away since/i,
  /\btwins?\b/i,
  /\bsights?\b/i,
  /inviteServers|lookClosely|ImageShelf|\bworkshop\b|\bContainerWish\b/,
  /throw-away/i,
  /cannot be granted/i,
  /memory is given away/i,
  /otherwise than built in/i,
  /nobody can (say|type)/i,
  /goes on without this command/i,
];

/** Where an old word must be read or named still. */
const ALLOWED: Readonly<Record<string, readonly RegExp[]>> = {
  "docs/reference.md": [/`mend` is the former word/, /repair \\\| report \\\| mend/],
  "src/domain/fleet/resolve-tier.ts": [/"mend" \? "repair"/],
  "src/domain/fleet/schema/tier.ts": [/former word/],
  "src/workflows/converge/request.ts": [/"clone" \| "gone" \| "twin"/],
  "src/workflows/converge/workflow.ts": [/called it a twin/, /=== "twin"/],
};

function oldWordsIn(file: string): readonly string[] {
  const allowed = ALLOWED[file] ?? [];
  const lines = readFileSync(join(ROOT, file), "utf8").split("\n");
  return lines.flatMap((line, index) => {
    const found = allowed.some((one) => one.test(line)) ? undefined : OLD.find((one) => one.test(line));
    return found === undefined ? [] : [`${file}:${index + 1} ${found.source}`];
  });
}

test("code, output and documents use the words of the glossary, and none of those that they replaced", () => {
  const files = globSync(["src/**/*.ts", "docs/**/*.md", "README.md", "images/**/*.{py,sh,json}"], { cwd: ROOT });
  expect(files.length).toBeGreaterThan(500);
  expect(files.flatMap(oldWordsIn)).toEqual([]);
});
