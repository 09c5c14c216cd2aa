import pc from "picocolors";
import { forTerminal } from "../../kernel/foreign-text.ts";
import type { CliContext, Stream } from "../port.ts";
import { terminalCode, withoutCodes } from "./terminal.ts";

const PAINTS = ["bold", "dim", "green", "magenta", "red", "yellow"] as const;

export type Colours = Readonly<Record<(typeof PAINTS)[number], (text: string) => string>>;

/** Colour only where a terminal shows it and nobody asked for none; CLICOLOR_FORCE asks for it anywhere. */
export function coloursFor(env: CliContext["env"], stream: Stream, plain: boolean): Colours {
  const forced = !["", "0"].includes(env["CLICOLOR_FORCE"] ?? "");
  const refused = plain || (env["NO_COLOR"] ?? "") !== "" || env["CLICOLOR"] === "0" || env["TERM"] === "dumb";
  return painting(!refused && (forced || stream.isTTY === true));
}

/** Codes are marked as this process's own: the same codes in a text from elsewhere are shown, not obeyed. */
function painting(enabled: boolean): Colours {
  const codes = pc.createColors(enabled);
  const paints = PAINTS.map((name) => {
    const [begin = "", end = ""] = codes[name]("|")
      .split("|")
      .map((code) => (code === "" ? "" : terminalCode(code.slice(2))));
    return [name, (text: string) => `${begin}${text}${end}`] as const;
  });
  return Object.fromEntries(paints) as Colours;
}

/** Whether lines may be redrawn: on a terminal that shows it, for a reader who does not hear it read aloud. */
export function mayRedraw(env: CliContext["env"], stream: Stream, plain: boolean): boolean {
  return stream.isTTY === true && !plain && env["TERM"] !== "dumb" && (env["ACCESSIBLE"] ?? "") === "";
}

/** Characters that a terminal shows of one line. */
export function visibleLength(text: string): number {
  return Array.from(forTerminal(withoutCodes(text))).length;
}

export function padded(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - visibleLength(text)));
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
