import { bounded, MESSAGE } from "../../kernel/foreign-text.ts";
import type { Problem } from "../../kernel/problem.ts";
import { type Colours, counted, listed, padded, visibleLength } from "../style.ts";
import { oneLine } from "../terminal.ts";

/** One line a problem, columns aligned; the remedy below it where the message does not already end in one. */
export function renderProblems(problems: readonly Problem[], colours: Colours): string {
  const place = Math.max(0, ...problems.map((problem) => visibleLength(problem.at)));
  const severity = Math.max(0, ...problems.map((problem) => problem.severity.length));
  return problems.flatMap((problem) => linesOf(problem, { place, severity }, colours)).join("\n");
}

function linesOf(problem: Problem, width: { place: number; severity: number }, colours: Colours): string[] {
  const paint = problem.severity === "error" ? colours.red : problem.severity === "warning" ? colours.yellow : colours.dim;
  const head = `${padded(oneLine(problem.at), width.place)}  ${problem.code} ${padded(paint(problem.severity), width.severity)}  `;
  const indent = " ".repeat(visibleLength(head));
  const [first = "", ...more] = bounded(problem.message, MESSAGE).split(/\r?\n/).map(oneLine);
  const lines = [`${head}${first}`, ...more.map((line) => `${indent}${line}`)];
  if (problem.hint !== undefined) lines.push(`${indent}${colours.dim(`→ ${oneLine(problem.hint)}`)}`);
  return lines;
}

/** `3 errors and 1 warning in 1 file; nothing was changed.` */
export function summariseProblems(problems: readonly Problem[], files: number): string {
  const counts = (["error", "warning", "note"] as const).flatMap((severity) => {
    const count = problems.filter((problem) => problem.severity === severity).length;
    return count === 0 ? [] : [counted(count, severity)];
  });
  return `${listed(counts)} in ${counted(files, "file")}; nothing was changed.`;
}
