import { chmodSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readStateFile } from "../../adapters/files/state-file.ts";
import { apiTokenIn, TOKEN } from "./api-token.ts";

const LONG_ENOUGH = "t".repeat(43);

function fileWith(content: string, mode = 0o600): string {
  const file = join(mkdtempSync(join(tmpdir(), "ballast-token-")), "api.token");
  writeFileSync(file, content);
  chmodSync(file, mode);
  return file;
}

/** The token in force, and what was told on the way. */
function opened(file: string) {
  const told: string[] = [];
  const token = apiTokenIn(file, (why) => told.push(why.message));
  return { token, told };
}

test("a token that nobody else knows is kept", () => {
  const file = fileWith(`${LONG_ENOUGH}\n`);
  expect([opened(file).token.current(), opened(file).told]).toEqual([LONG_ENOUGH, []]);
});

test("a token that would open the API to others is never used: another is made, for its owner alone", () => {
  for (const [content, mode, why] of [
    ["", 0o600, "is empty"],
    [" \n\t\n", 0o600, "is empty"],
    ["short\n", 0o600, "it had 5 characters, fewer than 40"],
    ["t".repeat(39), 0o600, "it had 39 characters, fewer than 40"],
    [`${LONG_ENOUGH}\n${LONG_ENOUGH}`, 0o600, "it held something that is no plain character"],
    [LONG_ENOUGH, 0o640, "others than its owner could read or write it"],
    [LONG_ENOUGH, 0o602, "others than its owner could read or write it"],
  ] as const) {
    const file = fileWith(content, mode);
    const { token, told } = opened(file);
    expect([content, told]).toEqual([content, [`the token in ${file} was replaced: ${why}`]]);
    expect(token.current()).toMatch(/^[A-Za-z0-9]{43}$/);
    expect([readFileSync(file, "utf8"), statSync(file).mode & 0o777]).toEqual([`${token.current()}\n`, 0o600]);
    expect(readdirSync(join(file, ".."))).toEqual(["api.token"]);
  }
});

test("it is made on first use, and again when it is rotated", () => {
  const file = join(mkdtempSync(join(tmpdir(), "ballast-token-")), "api.token");
  const { token, told } = opened(file);
  const first = token.current();
  token.rotate();
  expect([told, first === token.current(), opened(file).token.current()]).toEqual([[], false, token.current()]);
});

test("who only looks at the file calls wrong what is never used, and nothing else", () => {
  for (const content of [
    "",
    " \n",
    "t".repeat(16),
    "t".repeat(39),
    `${"t".repeat(39)}\u00fc`,
    "t".repeat(40),
    LONG_ENOUGH,
    `  ${LONG_ENOUGH}\n\n`,
  ]) {
    const file = fileWith(content);
    const { state } = readStateFile(file, TOKEN);
    expect([content, state]).toEqual([content, opened(file).told.length === 0 ? "there" : "wrong"]);
  }
});
