import { decoded } from "./foreign-text.ts";

export interface LineBound {
  /** Bytes of one line that are kept; what is longer is cut there. */
  readonly lineBytes: number;
}

const NEWLINE = 10;

/** The lines of a stream of bytes, whatever its pieces: bounded in memory however long a line is, decoded, without the line end. */
export async function* foreignLines(pieces: AsyncIterable<Uint8Array | string>, { lineBytes }: LineBound): AsyncGenerator<string> {
  const line = openLine(lineBytes);
  for await (const piece of pieces) {
    const bytes = typeof piece === "string" ? Buffer.from(piece) : piece;
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
      line.add(bytes.subarray(from, end));
      yield line.take();
      from = end + 1;
    }
    line.add(bytes.subarray(from));
  }
  if (line.begun()) yield line.take();
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

/** A body as text, or undefined where it is larger than allowed: then the rest is not read. Ends with an error where the signal says so first. */
export async function foreignBody(
  pieces: AsyncIterable<Uint8Array | string>,
  { bytes: most, signal }: { readonly bytes: number; readonly signal?: AbortSignal },
): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  let kept = 0;
  for await (const piece of pieces) {
    signal?.throwIfAborted();
    const bytes = typeof piece === "string" ? Buffer.from(piece) : piece;
    kept += bytes.length;
    if (kept > most) return undefined;
    parts.push(bytes);
  }
  return decoded(Buffer.concat(parts), most);
}
