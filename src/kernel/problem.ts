import { bounded, MESSAGE, NAME } from "./foreign-text.ts";

/** `error` stops what was asked for; `warning` and `note` never do. */
export type Severity = "error" | "warning" | "note";

/** Something a person must know: what, where, why, and how to repair it. Wrong input is a value; only bugs and lost servers throw. */
export interface Problem {
  /** Stable code of one of the code tables, such as `BAL-F014`. */
  readonly code: string;
  readonly severity: Severity;
  /** `file:line:column`, or the address of what it is about, such as `central/production`. */
  readonly at: string;
  /** The address of what it is about, where `at` is a place in a file. */
  readonly address?: string;
  readonly message: string;
  /** The remedy, where one is known. */
  readonly hint?: string;
}

export type Checked<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export function passed<T>(value: T, warnings: readonly Problem[] = []): Checked<T> {
  return { ok: true, value, warnings };
}

export function refused<T = never>(problems: readonly Problem[]): Checked<T> {
  return { ok: false, problems };
}

/** Ends a pass: refuses when any problem is an error, else hands the value on with the warnings. */
export function concluded<T>(value: T, problems: readonly Problem[]): Checked<T> {
  return problems.some((problem) => problem.severity === "error") ? refused(problems) : passed(value, problems);
}

/** One row of a code table: the docs page and the tests read these. */
export interface CodeEntry {
  readonly code: string;
  readonly title: string;
  /** How much it weighs, where that is always the same. */
  readonly severity?: Severity;
  /** The fact behind it. */
  readonly reason?: string;
  /** What repairs it, where one remedy fits all. */
  readonly remedy?: string;
}

/** The codes of one part of the program. */
export interface CodeTable {
  readonly title: string;
  readonly codes: readonly CodeEntry[];
}

/** Thrown where a caller cannot go on and a coded problem is known; surfaces print the problem, never the stack. */
export class ProblemError extends Error {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[], options?: { cause?: unknown }) {
    super(problems.map((problem) => `${problem.code} ${problem.at}: ${problem.message}`).join("\n"), options);
    this.name = "ProblemError";
    this.problems = problems;
  }
}

/** A `ProblemError` with one error in it. Of words that somebody else chose, no more than a person reads is kept. */
export function failure(code: string, at: string, message: string, more: { hint?: string; cause?: unknown } = {}): ProblemError {
  const hint = more.hint === undefined ? {} : { hint: bounded(more.hint, MESSAGE) };
  const problem: Problem = { code, severity: "error", at: bounded(at, NAME), message: bounded(message, MESSAGE), ...hint };
  return new ProblemError([problem], more.cause === undefined ? undefined : { cause: more.cause });
}
