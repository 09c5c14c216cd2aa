import fc from "fast-check";
import { expect, test } from "vitest";
import { framedLines, plainText } from "./log-frames.ts";

function frame(body: Uint8Array, stream = 1): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt8(stream, 0);
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
}

async function linesOf(pieces: readonly Uint8Array[], lineBytes = 1000): Promise<readonly string[]> {
  async function* stream() {
    yield* pieces;
  }
  const lines: string[] = [];
  for await (const line of framedLines(stream(), { lineBytes })) lines.push(line);
  return lines;
}

function cut(bytes: Buffer, size: number): readonly Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

test("a character that lies in two frames is one, and the two streams of a process do not run into each other", async () => {
  const bytes = Buffer.from("zwei ü\n");
  const raw = Buffer.concat([
    frame(bytes.subarray(0, 6)),
    frame(Buffer.from("error one\nerr"), 2),
    frame(bytes.subarray(6)),
    frame(Buffer.from("or two"), 2),
  ]);
  expect(await linesOf([raw])).toEqual(["error one", "zwei ü", "error two"]);
});

test("however the stream is cut, the lines are the same", async () => {
  const raw = Buffer.concat([frame(Buffer.from("one\ntwo")), frame(Buffer.from(" two\n\0three\n")), frame(Buffer.of(0xff, 0xfe, 10), 2)]);
  const whole = await linesOf([raw]);
  expect(whole).toEqual(["one", "two two", "\0three", "\ufffd\ufffd"]);
  for (const size of [1, 2, 3, 7, 8, 9]) expect(await linesOf(cut(raw, size))).toEqual(whole);
});

test("no bytes break the reader, and no line is longer than allowed, whatever length a frame claims", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), async (pieces) => {
      for (const line of await linesOf(pieces, 32)) {
        expect(line.isWellFormed()).toBe(true);
        expect(line.length).toBeLessThanOrEqual(32 + 24);
      }
      expect(plainText(Buffer.concat(pieces)).isWellFormed()).toBe(true);
    }),
  );
  const claims = Buffer.alloc(8);
  claims.writeUInt32BE(0xffffffff, 4);
  expect(await linesOf([claims, Buffer.from("x".repeat(100))], 10)).toEqual([`${"x".repeat(10)}… (90 more bytes)`]);
});

test("of a long log the text keeps the end", () => {
  const raw = Buffer.concat([frame(Buffer.from(`${"x".repeat(100_000)}\n`)), frame(Buffer.from("the reason\n"))]);
  const text = plainText(raw);
  expect([text.length < 70_000, text.endsWith("\nthe reason")]).toEqual([true, true]);
});
