import { type LineBound, lineCutter } from "../../../kernel/foreign-lines.ts";
import { decoded } from "../../../kernel/foreign-text.ts";

const HEADER_BYTES = 8;
const WORDS_BYTES = 64 * 1024;
/** Standard input, output and error of a process; Docker writes nothing else in front of a frame. */
const STREAMS = 3;

interface Piece {
  readonly stream: number;
  readonly bytes: Uint8Array;
}

/**
 * Takes Docker's frames apart while they come: eight bytes that say of which stream and how long, then that many bytes of what the process wrote. No frame
 * is ever held whole, whatever length it claims.
 */
function frameReader(): (bytes: Uint8Array) => readonly Piece[] {
  let header: Buffer = Buffer.alloc(0);
  let stream = 0;
  let left = 0;
  return (bytes) => {
    const pieces: Piece[] = [];
    for (let at = 0; at < bytes.length; ) {
      if (left > 0) {
        const part = bytes.subarray(at, at + left);
        pieces.push({ stream, bytes: part });
        left -= part.length;
        at += part.length;
        continue;
      }
      const part = bytes.subarray(at, at + HEADER_BYTES - header.length);
      header = Buffer.concat([header, part]);
      at += part.length;
      if (header.length < HEADER_BYTES) break;
      [stream, left] = [Math.min(header.readUInt8(0), STREAMS - 1), header.readUInt32BE(4)];
      header = Buffer.alloc(0);
    }
    return pieces;
  };
}

/** The lines of a log as Docker streams it; those of standard output and standard error do not run into each other. */
export async function* framedLines(raw: AsyncIterable<Uint8Array>, bound: LineBound): AsyncGenerator<string> {
  const frames = frameReader();
  const cutters = Array.from({ length: STREAMS }, () => lineCutter(bound));
  for await (const bytes of raw) {
    for (const piece of frames(bytes)) yield* cutters[piece.stream]?.push(piece.bytes) ?? [];
  }
  for (const cutter of cutters) yield* cutter.end();
}

/** The text of frames that were read already; of much only the end. */
export function plainText(raw: Uint8Array): string {
  const bytes = Buffer.concat(frameReader()(raw).map((piece) => piece.bytes));
  return decoded(bytes, WORDS_BYTES, "end").trim();
}
