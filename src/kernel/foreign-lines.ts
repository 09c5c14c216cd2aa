import { decoded } from "./foreign-text.ts";

export interface LineBound {
  /** Bytes of one line that are kept; what is longer is cut there, and the rest is counted. */
  readonly lineBytes: number;
}

/** Cuts bytes into lines as they come: bounded in memory however long a line is, decoded, without the line end. */
export interface LineCutter {
  /** The lines that these bytes complete. */
  push(bytes: Uint8Array): readonly string[];
  /** What was begun and has no line end. */
  end(): readonly string[];
}

const NEWLINE = 10;

export function lineCutter({ lineBytes }: LineBound): LineCutter {
  const line = openLine(lineBytes);
  return {
    push(bytes) {
      const lines: string[] = [];
      let from = 0;
      for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
        line.add(bytes.subarray(from, end));
        lines.push(line.take());
        from = end + 1;
      }
      line.add(bytes.subarray(from));
      return lines;
    },
    end: () => (line.begun() ? [line.take()] : []),
  };
}

/** The lines of a stream of bytes, whatever its pieces. */
export async function* foreignLines(pieces: AsyncIterable<Uint8Array | string>, bound: LineBound): AsyncGenerator<string> {
  const cutter = lineCutter(bound);
  for await (const piece of pieces) yield* cutter.push(bytesOf(piece));
  yield* cutter.end();
}

function openLine(most: number) {
  let parts: Uint8Array[] = [];
  let kept = 0;
  let seen = 0;
  return {
    begun: () => seen > 0,
    add(bytes: Uint8Array): void {
      seen += bytes.length;
      const room = most - kept;
      if (room <= 0 || bytes.length === 0) return;
      // A copy: a part of a large piece must not hold the whole of it in memory.
      const part = Uint8Array.from(bytes.subarray(0, room));
      parts.push(part);
      kept += part.length;
    },
    take(): string {
      const text = decoded(Buffer.concat(parts), most).replace(/\r$/, "");
      const more = seen - kept;
      [parts, kept, seen] = [[], 0, 0];
      return more === 0 ? text : `${text}… (${more} more bytes)`;
    },
  };
}

function bytesOf(piece: Uint8Array | string): Uint8Array {
  return typeof piece === "string" ? Buffer.from(piece) : piece;
}

/** A body as text, or undefined where it is larger than allowed: then the rest is not read. Ends with an error where the signal says so first. */
export async function foreignBody(
  pieces: AsyncIterable<Uint8Array | string>,
  { bytes: most, signal }: { readonly bytes: number; readonly signal?: AbortSignal },
): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  let kept = 0;
  for await (const piece of pieces) {
    signal?.throwIfAborted();
    const bytes = bytesOf(piece);
    kept += bytes.length;
    if (kept > most) return undefined;
    parts.push(bytes);
  }
  return decoded(Buffer.concat(parts), most);
}
