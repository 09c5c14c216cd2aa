import type { Problem } from "../kernel/problem.ts";

/** How a command may end; the numbers are a promise to scripts. */
export const EXIT = { done: 0, no: 1, usage: 2, changes: 3, unknown: 4, interrupted: 130 } as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES_TEXT = `Exit codes:
  0    done
  1    the answer is no: errors, refused, not serving, a proof failed
  2    wrong usage
  3    there are changes, or some are held
  4    cannot know: the engine or the control plane is out of reach
  130  interrupted
`;

const USAGE = new Set(["BAL-C001", "BAL-C002", "BAL-C003", "BAL-C004", "BAL-C012"]);
const OUT_OF_REACH = new Set([
  "BAL-A001",
  "BAL-A002",
  "BAL-A005",
  "BAL-C007",
  "BAL-C008",
  "BAL-C009",
  "BAL-C010",
  "BAL-C041",
  "BAL-C085",
  "BAL-S035",
  "BAL-E002",
  "BAL-W003",
]);
/** Follows from another problem and says nothing of its own. */
const FOLLOWS = "BAL-W006";

/** Wrong usage first; `unknown` only where nothing was answered with no. */
export function exitOf(problems: readonly Problem[]): Exit {
  const codes = problems.filter((problem) => problem.severity === "error").map((problem) => problem.code);
  if (codes.length === 0) return EXIT.done;
  if (codes.includes("BAL-C014")) return EXIT.interrupted;
  if (codes.some((code) => USAGE.has(code))) return EXIT.usage;
  const own = codes.filter((code) => code !== FOLLOWS);
  return own.length > 0 && own.every((code) => OUT_OF_REACH.has(code)) ? EXIT.unknown : EXIT.no;
}
