import type { Problem } from "./problem.ts";

/** Problems as one reads a file: by file, line and column, then by code and words. */
export function inOrderOfPlace<P extends Problem>(problems: readonly P[]): P[] {
  const keyed = problems.map((problem) => {
    const match = /^(.*):(\d+):(\d+)$/.exec(problem.at);
    return { problem, file: match?.[1] ?? problem.at, line: Number(match?.[2] ?? 0), column: Number(match?.[3] ?? 0) };
  });
  return keyed
    .sort(
      (a, b) =>
        compare(a.file, b.file) ||
        a.line - b.line ||
        a.column - b.column ||
        compare(a.problem.code, b.problem.code) ||
        compare(a.problem.message, b.problem.message),
    )
    .map((one) => one.problem);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
