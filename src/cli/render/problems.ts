import { bounded, MESSAGE } from "../../kernel/foreign-text.ts";
import type { Problem } from "../../kernel/problem.ts";
import { type Colours, counted, listed, padded, visibleLength } from "../terminal/style.ts";
import { laidOut } from "../terminal/table.ts";
import { oneLine } from "../terminal/terminal.ts";

/** One line a problem, columns aligned; the remedy below it where the message does not already end in one. */
export function renderProblems(problems: readonly Problem[], colours: Colours, columns?: number): string {
  const place = Math.max(0, ...problems.map((problem) => visibleLength(problem.at)));
  const severity = Math.max(0, ...problems.map((problem) => problem.severity.length));
  const lines = problems.flatMap((problem) => linesOf(problem, { place, severity }, colours));
  if (columns === undefined || lines.every((line) => visibleLength(line) <= columns)) return lines.join("\n");
  return problems.flatMap((problem) => laidOut([cellsOf(problem, colours)], columns)).join("\n");
}

/** The same for a narrow terminal: what does not fit stands below. */
function cellsOf({ at, code, severity, message, hint }: Problem, colours: Colours): readonly string[] {
  const words = bounded(message, MESSAGE).split(/\r?\n/);
  return [at, code, painted(severity, colours), ...words, ...(hint === undefined ? [] : [`→ ${hint}`])];
}

function painted(severity: Problem["severity"], colours: Colours): string {
  return (severity === "error" ? colours.red : severity === "warning" ? colours.yellow : colours.dim)(severity);
}

function linesOf(problem: Problem, width: { place: number; severity: number }, colours: Colours): string[] {
  const head = `${padded(oneLine(problem.at), width.place)}  ${problem.code} ${padded(painted(problem.severity, colours), width.severity)}  `;
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
