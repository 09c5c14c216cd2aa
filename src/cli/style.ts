import pc from "picocolors";
import type { CliContext, Stream } from "./port.ts";

export type Colours = ReturnType<typeof pc.createColors>;

/** Colour only where a terminal shows it and nobody asked for none; CLICOLOR_FORCE asks for it anywhere. */
export function coloursFor(env: CliContext["env"], stream: Stream, plain: boolean): Colours {
  const forced = !["", "0"].includes(env["CLICOLOR_FORCE"] ?? "");
  const refused = plain || (env["NO_COLOR"] ?? "") !== "" || env["CLICOLOR"] === "0" || env["TERM"] === "dumb";
  return pc.createColors(!refused && (forced || stream.isTTY === true));
}

/** Whether lines may be redrawn: on a terminal that shows it, for a reader who does not hear it read aloud. */
export function mayRedraw(env: CliContext["env"], stream: Stream, plain: boolean): boolean {
  return stream.isTTY === true && !plain && env["TERM"] !== "dumb" && (env["ACCESSIBLE"] ?? "") === "";
}

const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

export function visibleLength(text: string): number {
  return Array.from(text.replace(ESCAPES, "")).length;
}

export function padded(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - visibleLength(text)));
}

/** Rows as text: aligned for people, tabs for programs. Nothing is ever cut. */
export function table(rows: readonly (readonly string[])[], aligned: boolean): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, visibleLength(cell));
  }
  return rows.map((row) => (aligned ? alignedRow(row, widths) : row.join("\t"))).join("\n");
}

function alignedRow(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, column) => padded(cell, widths[column] ?? 0))
    .join("  ")
    .trimEnd();
}

/** `1 error`, `3 errors`. */
export function counted(count: number, word: string, plural = `${word}s`): string {
  return `${count} ${count === 1 ? word : plural}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** 160 → `2 m 40 s`. */
export function lasting(milliseconds: number): string {
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 3600
    ? `${Math.floor(seconds / 60)} m ${seconds % 60} s`
    : `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} m`;
}
