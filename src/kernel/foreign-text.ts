/**
 * The border for text that somebody else chose: a tenant's code, a container, a file name, an author of addons, a client. What comes in is bounded and
 * decoded; what goes out is escaped for the place it goes to. All functions take any string, also one with lone surrogates, and never throw.
 */

/** What a terminal obeys or hides instead of showing it: controls (C0, DEL, C1), format characters (bidi, zero width), line separators, lone surrogates, ignorables. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const BROKEN = /[\0\p{Cs}]/gu;
const REPLACEMENT = "\ufffd";

/** What no text that a person writes may hold, in a fleet's files as in words of a command, beside controls: broken characters, other line ends, what turns the direction of text, what is no character. For a class of a regular expression with `u`. */
export const NEVER_WRITTEN = String.raw`\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\ufffe\uffff`;

export interface Bound {
  /** UTF-16 code units of the result at most, the words that say how much is missing among them; at least 1. */
  readonly characters: number;
  /** Lines that are kept at most. */
  readonly lines?: number;
  /** Which end is kept where it is too long; the start unless said. Of a log it is the end that matters. */
  readonly keep?: "start" | "end";
}

/** What one message, reason or event may hold. */
export const MESSAGE: Bound = { characters: 4000, lines: 40 };
/** What one name, key or address may hold where it is shown. */
export const NAME: Bound = { characters: 300, lines: 1 };

/** Bytes as UTF-8 text; what is no UTF-8 becomes U+FFFD. Reads at most so many bytes, of the start or of the end. */
export function decoded(bytes: Uint8Array, most: number, keep: "start" | "end" = "start"): string {
  const part = bytes.length <= most ? bytes : keep === "start" ? bytes.subarray(0, most) : bytes.subarray(bytes.length - most);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(part);
}

/** At most so many lines and characters. What is cut is counted, not silently gone; text within the bound stays as it is, so that twice is as once. */
export function bounded(text: string, { characters, lines, keep = "start" }: Bound): string {
  const few = lines === undefined ? text : fewLines(text, lines, keep);
  if (few.length <= characters) return few;
  if (characters < 40) return keep === "start" ? `${wholeStart(few, characters - 1)}…` : `…${wholeEnd(few, characters - 1)}`;
  const words = `… (${few.length - characters + 30} more characters)`;
  const kept = characters - 30;
  return keep === "start" ? `${wholeStart(few, kept)}${words}` : `${words} ${wholeEnd(few, kept)}`;
}

function fewLines(text: string, most: number, keep: "start" | "end"): string {
  let at = keep === "start" ? -1 : text.length;
  for (let line = 0; line < most; line++) {
    at = keep === "start" ? text.indexOf("\n", at + 1) : at <= 0 ? -1 : text.lastIndexOf("\n", at - 1);
    if (at === -1) return text;
  }
  const [kept, gone] = keep === "start" ? [text.slice(0, at), text.slice(at + 1)] : [text.slice(at + 1), text.slice(0, at)];
  const words = `… (${lineCount(gone)} more lines)`;
  return keep === "start" ? `${kept} ${words}` : `${words} ${kept}`;
}

function lineCount(text: string): number {
  let count = 1;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

/** Never half of a surrogate pair. */
function wholeStart(text: string, length: number): string {
  return /[\ud800-\udbff]/.test(text.charAt(length - 1)) ? text.slice(0, length - 1) : text.slice(0, length);
}

function wholeEnd(text: string, length: number): string {
  const from = text.length - length;
  return /[\udc00-\udfff]/.test(text.charAt(from)) ? text.slice(from + 1) : text.slice(from);
}

/** For the store: PostgreSQL takes neither NUL nor lone surrogates, in text as in jsonb. */
export function forStore(text: string): string {
  return text.replaceAll(BROKEN, REPLACEMENT);
}

/** The visible form of a character: `\x1b`, `\u202e`, `\u{e0001}`. */
function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
}

/** One line for a terminal: every character that it would obey or hide is shown as an escape, line ends too; a tab becomes spaces. */
export function forTerminal(text: string): string {
  return text.replaceAll("\t", "    ").replaceAll(UNSEEN, escaped);
}

/** Several lines for a terminal: as `forTerminal`, but line ends and tabs stay. */
export function forTerminalLines(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll(UNSEEN, (character) => (character === "\n" || character === "\t" ? character : escaped(character)));
}

/** Text inside of a Markdown paragraph, list or table cell: shown as it is, starting nothing. */
export function forMarkdown(text: string): string {
  return forTerminal(text).replaceAll(/[\\`*_{}[\]()<>#+!|~&$=.:@-]/g, (character) =>
    character === "<" || character === ">" || character === "&" ? htmlEntity(character) : `\\${character}`,
  );
}

/** A label of a Mermaid diagram, between double quotes: its own entity codes, so that nothing ends the label or is taken for markup. */
export function forMermaid(text: string): string {
  return forTerminal(text).replaceAll(/["#;&<>`\\[\]{}()|]/g, (character) => `#${character.charCodeAt(0)};`);
}

/** Text or an attribute's value in HTML. */
export function forHtml(text: string): string {
  return forTerminal(text).replaceAll(/[&<>"'`]/g, htmlEntity);
}

function htmlEntity(character: string): string {
  return `&#${character.charCodeAt(0)};`;
}

/** JSON on one line whose characters are all visible: JSON itself leaves DEL, C1, bidi and line separators as they are. */
export function visibleJson(value: unknown): string {
  return visibleInJson(JSON.stringify(value));
}

/** The same for JSON that is text already. */
export function visibleInJson(json: string): string {
  return json.replaceAll(UNSEEN, (character) => (character === "\n" ? character : jsonEscape(character)));
}

function jsonEscape(character: string): string {
  let text = "";
  for (let at = 0; at < character.length; at++) text += `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`;
  return text;
}
