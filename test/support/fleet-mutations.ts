import fc from "fast-check";

/** Changes the text of a fleet as a tired person, a bad merge or somebody hostile would. */
export type Mutation = (text: string) => string;

const position = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const hostile = fc.oneof(
  fc.constantFrom(
    "&a ",
    "*a",
    "!!binary ",
    "%YAML 1.1\n",
    "<<: ",
    "? ",
    "- ",
    "[",
    "{",
    "}",
    "]",
    '"',
    "'",
    "|",
    ">",
    "#",
    ":",
    "\t",
    "\n",
    "\0",
    "\ufeff",
    "---\n",
    "...\n",
  ),
  fc.constantFrom(
    "__proto__",
    "constructor",
    "toString",
    "null",
    "~",
    "true",
    ".nan",
    "-.inf",
    "0x10",
    "1e999",
    "99999999999999999999",
    "19.0",
    "''",
    "[]",
    "{}",
  ),
  fc.string({ unit: "binary", maxLength: 8 }),
);

function spliced(where: number, removed: number, inserted: string): Mutation {
  return (text) => {
    const at = Math.floor(where * text.length);
    return text.slice(0, at) + inserted + text.slice(at + removed);
  };
}

function onLines(change: (lines: string[], at: number, other: number) => string[]): (a: number, b: number) => Mutation {
  return (a, b) => (text) => {
    const lines = text.split("\n");
    return change(lines, Math.floor(a * lines.length), Math.floor(b * lines.length)).join("\n");
  };
}

const dropLine = onLines((lines, at) => lines.toSpliced(at, 1));
const repeatLine = onLines((lines, at, other) => lines.toSpliced(other, 0, lines[at] ?? ""));
const indentLine = onLines((lines, at, other) => lines.with(at, `${" ".repeat(other % 5)}${lines[at]}`));

/** Replaces one word or value by another of the same text, or by something strange. */
function onWord(where: number, other: number, strange: string | undefined): Mutation {
  return (text) => {
    const words = [...text.matchAll(/[\w.:/@-]+/g)];
    const at = words[Math.floor(where * words.length)];
    if (at === undefined) return text;
    const put = strange ?? words[Math.floor(other * words.length)]?.[0] ?? "";
    return text.slice(0, at.index) + put + text.slice(at.index + at[0].length);
  };
}

/** One change, anywhere. */
export const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(position, fc.nat(3), hostile).map(([where, removed, inserted]) => spliced(where, removed, inserted)),
  fc.tuple(position, position).map(([a, b]) => dropLine(a, b)),
  fc.tuple(position, position).map(([a, b]) => repeatLine(a, b)),
  fc.tuple(position, position).map(([a, b]) => indentLine(a, b)),
  fc.tuple(position, position, fc.option(hostile, { nil: undefined })).map(([a, b, strange]) => onWord(a, b, strange)),
);

/** Milliseconds of processor time that some work takes: a machine that is busy with others does not make it slower. */
export function processorMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
