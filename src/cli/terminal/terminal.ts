import { randomBytes } from "node:crypto";
import { forTerminal, forTerminalLines, visibleJson } from "../../kernel/foreign-text.ts";
import type { Stream } from "../port.ts";

/** Begins a code that this process means; random, so that no text from elsewhere can hold it. */
const MARK = `\u001b${randomBytes(12).toString("hex")}:`;
const MARKED = new RegExp(`${MARK}([0-9;]*[A-Za-z])`);

/** A terminal code (`31m`, `2A`) that is let through when the text is printed; every other escape sequence is shown, not obeyed. */
export function terminalCode(code: string): string {
  return MARK + code;
}

/** Text without the codes that this process put in it. */
export function withoutCodes(text: string): string {
  return text.split(MARKED).filter(isText).join("");
}

/** One line, whatever is in it: for a cell of a table, a name, a reason. Codes of this process stay. */
export function oneLine(text: string): string {
  return mapped(text, forTerminal, terminalCode);
}

/** What a terminal is sent. */
export function terminalText(text: string): string {
  return mapped(text, forTerminalLines, (code) => `\u001b[${code}`);
}

/** The one way by which text for people leaves the command line. */
export function print(stream: Stream, text: string): void {
  stream.write(terminalText(text));
}

/** The one way by which answers for programs leave it: a line of JSON in which every character is visible. */
export function printJson(stream: Stream, value: object): void {
  stream.write(`${visibleJson(value)}\n`);
}

function mapped(text: string, ofText: (piece: string) => string, ofCode: (code: string) => string): string {
  return text
    .split(MARKED)
    .map((piece, index) => (isText(piece, index) ? ofText(piece) : ofCode(piece)))
    .join("");
}

/** `split` gives text and what its group caught by turns. */
function isText(_piece: string, index: number): boolean {
  return index % 2 === 0;
}
