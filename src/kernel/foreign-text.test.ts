import fc from "fast-check";
import { expect, test } from "vitest";
import { foreignBody, foreignLines } from "./foreign-lines.ts";
import {
  bounded,
  decoded,
  forHtml,
  forMarkdown,
  forMermaid,
  forStore,
  forTerminal,
  forTerminalLines,
  visibleJson,
} from "./foreign-text.ts";
import { storeJson, storeValue } from "./store-value.ts";

/** Any UTF-16 code units, lone surrogates among them, with those that attacks are made of more often than by chance. */
const unit = fc.oneof(
  fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  fc.constantFrom("\0", "\u001b", "\u001b[2J", "\u001b]0;title\u0007", "\u0085", "\u009b", "\u007f", "\r", "\n", "\t", "\u2028", "\u2029"),
  fc.constantFrom("\u202e", "\u2066", "\u200b", "\ufeff", "\u00ad", "\ud800", "\udfff", "\u{e0001}", "\u{1f600}", "a", '"', "<", "`", "\\"),
);
const anyText = fc.array(unit, { maxLength: 200 }).map((units) => units.join(""));

/** First and last of the code points that no output may hold: C0, DEL and C1, soft hyphen, bidi, zero width, line separators, surrogates, tags. */
const FORBIDDEN = [
  [0, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x61c, 0x61c],
  [0x180e, 0x180e],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0xd800, 0xdfff],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xe0000, 0xe0fff],
] as const;

function forbiddenIn(text: string): readonly number[] {
  return Array.from(text, (character) => character.codePointAt(0) as number).filter((code) =>
    FORBIDDEN.some(([first, last]) => first <= code && code <= last),
  );
}

test("nothing that a terminal obeys or hides is left, and twice is as once", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      for (const escape of [forTerminal, forMarkdown, forMermaid, forHtml]) expect(forbiddenIn(escape(text))).toEqual([]);
      expect(forbiddenIn(forTerminalLines(text).replaceAll(/[\n\t]/g, ""))).toEqual([]);
      for (const escape of [forTerminal, forTerminalLines]) expect(escape(escape(text))).toBe(escape(text));
    }),
    { numRuns: 2000 },
  );
});

test("what is escaped can be read", () => {
  expect(forTerminal("\u001b[2Jok\u202ecba\u0000\u009b\ttab\r\n\u{e0001}\ud800é😀")).toBe(
    "\\x1b[2Jok\\u202ecba\\x00\\x9b    tab\\x0d\\x0a\\u{e0001}\\ud800é😀",
  );
  expect(forTerminalLines("one\r\ntwo\rthree\tx\n")).toBe("one\ntwo\\x0dthree\tx\n");
  expect(forMermaid('a"]-->b#;')).toBe("a#34;#93;--#62;b#35;#59;");
  expect(forHtml(`<a href="x" b='c'>&`)).toBe("&#60;a href=&#34;x&#34; b=&#39;c&#39;&#62;&#38;");
  expect(forMarkdown("[x](http://y) <b> `c` | d")).toBe("\\[x\\]\\(http\\://y\\) &#60;b&#62; \\`c\\` \\| d");
});

test("Mermaid and HTML get nothing that ends a label or begins a tag", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(forMermaid(text)).not.toMatch(/["<>`\\[\]{}()|]/);
      expect(forHtml(text)).not.toMatch(/[<>"'`]/);
    }),
  );
});

test("a bound holds in characters and lines, cuts no character in two, says what is missing, and twice is as once", () => {
  fc.assert(
    fc.property(
      anyText,
      fc.integer({ min: 1, max: 120 }),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom("start", "end"),
      (text, characters, lines, keep) => {
        const bound = { characters, lines, keep } as const;
        const once = bounded(text, bound);
        expect(once.length).toBeLessThanOrEqual(characters);
        expect(once.split("\n").length).toBeLessThanOrEqual(lines);
        expect(bounded(once, bound)).toBe(once);
        expect(once.isWellFormed() || !text.isWellFormed()).toBe(true);
        expect(once === text || text.length > characters || text.split("\n").length > lines).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
  expect(bounded("x".repeat(1000), { characters: 100 })).toBe(`${"x".repeat(70)}… (930 more characters)`);
  expect(bounded("1\n2\n3\n4", { characters: 100, lines: 2, keep: "end" })).toBe("… (2 more lines) 3\n4");
});

test("bytes of any kind become text, of which at most so many are read", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), fc.constantFrom("start", "end"), (bytes, most, keep) => {
      const text = decoded(bytes, most, keep as "start");
      expect(text.isWellFormed()).toBe(true);
      expect(text.length).toBeLessThanOrEqual(most);
    }),
  );
  expect(decoded(Uint8Array.of(0x61, 0xff, 0xc3, 0x28), 10)).toBe("a\ufffd\ufffd(");
});

test("the store gets neither NUL nor lone surrogates, in values as in keys, however deep", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const kept = forStore(text);
      expect(kept.includes("\0") || !kept.isWellFormed()).toBe(false);
      expect(kept.length).toBe(text.length);
      expect(forStore(kept)).toBe(kept);
      const json = storeJson({ list: [text, { [text]: text }], at: new Date(0), gone: undefined });
      expect(json).not.toMatch(/\\u0000|\\ud[89a-f]/i);
      expect(JSON.parse(json)).toEqual({ list: [kept, { [kept]: kept }], at: "1970-01-01T00:00:00.000Z" });
    }),
  );
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level++) deep = [deep];
  expect(storeJson(deep).length).toBeLessThan(1000);
  expect(storeJson({ text: "x".repeat(1000) }, 50)).toBe(`{"text":"${"x".repeat(20)}… (980 more characters)"}`);
  expect(Object.keys(storeValue(JSON.parse('{"__proto__": {"a": 1}}')) as object)).toEqual(["__proto__"]);
});

test("JSON for people's terminals says the same and shows every character", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const line = visibleJson({ text, [text]: 1 });
      expect(forbiddenIn(line)).toEqual([]);
      expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify({ text, [text]: 1 })));
    }),
  );
});

async function* piecesOf(...pieces: readonly (Uint8Array | string)[]) {
  yield* pieces;
}

async function collected(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

test("lines are the same however the stream is cut, and none is longer than allowed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), async (pieces) => {
      const whole = await collected(foreignLines(piecesOf(Buffer.concat(pieces)), { lineBytes: 16 }));
      expect(await collected(foreignLines(piecesOf(...pieces), { lineBytes: 16 }))).toEqual(whole);
      for (const line of whole) expect(line.length).toBeLessThanOrEqual(16 + 24);
    }),
  );
  const lines = await collected(foreignLines(piecesOf("one\r\ntw", "o\n\n", "x".repeat(50)), { lineBytes: 20 }));
  expect(lines).toEqual(["one", "two", "", `${"x".repeat(20)}… (30 more bytes)`]);
});

test("a body that is larger than allowed is not read to its end", async () => {
  let read = 0;
  async function* endless() {
    for (;;) {
      read += 1000;
      yield new Uint8Array(1000).fill(97);
    }
  }
  expect(await foreignBody(endless(), { bytes: 5000 })).toBeUndefined();
  expect(read).toBeLessThanOrEqual(6000);
  expect(await foreignBody(piecesOf("a", Uint8Array.of(0xff)), { bytes: 2 })).toBe("a\ufffd");
  await expect(foreignBody(endless(), { bytes: 1e9, signal: AbortSignal.abort() })).rejects.toThrow("aborted");
});
