import fc from "fast-check";
import { expect, test } from "vitest";
import { firstBroken, type LedgerEntry, type LedgerLine, nextLine } from "./entry.ts";

function chain(acts: readonly string[]): LedgerLine[] {
  const lines: LedgerLine[] = [];
  for (const act of acts) {
    const entry: LedgerEntry = { actor: "ana", act, subject: "t/production", reasons: [], evidence: {} };
    lines.push(nextLine(lines.at(-1), "2026-11-22T12:00:00.000Z", entry));
  }
  return lines;
}

test("an untouched ledger holds", () => {
  fc.assert(fc.property(fc.array(fc.string()), (acts) => firstBroken(chain(acts)) === undefined));
});

test("a changed, dropped or swapped line is found at its place", () => {
  const lines = chain(["a", "b", "c", "d"]);
  const changed = lines.map((line) => (line.seq === 2 ? { ...line, entry: line.entry.replace('"act":"b"', '"act":"x"') } : line));
  expect(firstBroken(changed)).toBe(2);
  expect(firstBroken(lines.filter((line) => line.seq !== 3))).toBe(4);
  expect(firstBroken(lines.filter((line) => line.seq !== 1))).toBe(2);
  expect(firstBroken([lines[0], lines[2], lines[1], lines[3]] as LedgerLine[])).toBe(3);
});
