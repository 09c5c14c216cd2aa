import { canonicalJson, type Json, sha256 } from "../../kernel/canonical.ts";

/** One act or refusal, as it is kept for ever. Never a secret. */
export interface LedgerEntry {
  readonly actor: string;
  /** `operation.admitted`, `operation.denied`, `window.overridden`, `change.applied` … */
  readonly act: string;
  /** The address it is about. */
  readonly subject: string;
  readonly reasons: readonly string[];
  readonly evidence: { readonly [key: string]: Json | undefined };
}

/** What a step of an operation writes. A step may be done again after it was killed: by the operation and a name within it, it is written once. */
export interface StepEntry extends LedgerEntry {
  readonly evidence: LedgerEntry["evidence"] & { readonly operation: string; readonly once: string };
}

/** A written entry: numbered without gaps, chained by hash to the one before. */
export interface LedgerLine {
  readonly seq: number;
  readonly at: string;
  readonly entry: string;
  readonly hash: string;
}

const BEFORE_THE_FIRST = "0".repeat(64);

/** The line that follows `last`. */
export function nextLine(last: LedgerLine | undefined, at: string, entry: LedgerEntry): LedgerLine {
  const seq = (last?.seq ?? 0) + 1;
  const text = canonicalJson(entry as unknown as Json);
  return { seq, at, entry: text, hash: lineHash(last?.hash ?? BEFORE_THE_FIRST, { seq, at, entry: text }) };
}

function lineHash(before: string, line: Omit<LedgerLine, "hash">): string {
  return sha256(canonicalJson([before, line.seq, line.at, line.entry]));
}

/** The number of the first line that does not follow from the one before it; undefined when the chain holds. A cut tail needs an anchor outside to be seen. */
export function firstBroken(lines: readonly LedgerLine[]): number | undefined {
  let last: LedgerLine | undefined;
  for (const line of lines) {
    const expected = lineHash(last?.hash ?? BEFORE_THE_FIRST, line);
    if (line.hash !== expected || (last !== undefined && line.seq !== last.seq + 1) || (last === undefined && line.seq !== 1))
      return line.seq;
    last = line;
  }
  return undefined;
}
