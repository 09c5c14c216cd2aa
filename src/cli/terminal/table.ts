import { padded, visibleLength } from "./style.ts";
import { oneLine } from "./terminal.ts";

/** Rows as text: for people aligned, and within the columns of their terminal; tabs for programs. Nothing is ever cut. */
export function table(cells: readonly (readonly string[])[], aligned: boolean, columns?: number): string {
  if (aligned) return laidOut(cells, columns).join("\n");
  return cells.map((row) => row.map(oneLine).join("\t")).join("\n");
}

const GAP = "  ";
const INDENT = 4;

/**
 * Rows of a table as texts that a terminal of so many columns shows without breaking them: side by side where the whole table fits, else each row by
 * itself, with what does not fit on its first line below it, wrapped between words. Nothing is cut: a word that is longer than a line stays whole.
 * @param columns as many as there are; missing where nobody knows, and then nothing is wrapped.
 */
export function laidOut(cells: readonly (readonly string[])[], columns: number | undefined): readonly string[] {
  const rows = cells.map((row) => row.map(oneLine));
  const widths: number[] = [];
  for (const row of rows) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, visibleLength(cell));
  const aligned = rows.map((row) =>
    row
      .map((cell, at) => padded(cell, widths[at] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
  if (columns === undefined || aligned.every((line) => visibleLength(line) <= columns)) return aligned;
  return rows.map((row) => stacked(row, columns));
}

/** Prose on lines of so many columns, those after the first one indented. */
export function wrapped(text: string, columns: number | undefined): string {
  return columns === undefined
    ? text
    : text
        .split("\n")
        .map((line) => stacked([line], columns))
        .join("\n");
}

function stacked(row: readonly string[], columns: number): string {
  const [first = ""] = row;
  const indent = " ".repeat(first.length - first.trimStart().length + INDENT);
  const lines: string[] = [];
  let line = "";
  for (const cell of row.filter((one) => one.trim() !== "")) {
    const beside = line === "" ? cell : `${line}${GAP}${cell}`;
    if (visibleLength(beside) <= columns) {
      line = beside;
      continue;
    }
    if (line !== "") lines.push(line);
    const words = wordsOf(line === "" && lines.length === 0 ? cell : `${indent}${cell.trimStart()}`, { indent, columns });
    lines.push(...words.slice(0, -1));
    line = words.at(-1) ?? "";
  }
  return [...lines, line].join("\n");
}

function wordsOf(text: string, { indent, columns }: { readonly indent: string; readonly columns: number }): readonly string[] {
  const lead = text.slice(0, text.length - text.trimStart().length);
  const lines: string[] = [];
  let line = "";
  for (const word of text.trim().split(" ")) {
    const longer = line === "" ? `${lines.length === 0 ? lead : indent}${word}` : `${line} ${word}`;
    if (line !== "" && visibleLength(longer) > columns) {
      lines.push(line);
      line = `${indent}${word}`;
    } else line = longer;
  }
  return [...lines, line];
}
