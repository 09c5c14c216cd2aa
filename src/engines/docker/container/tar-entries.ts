import { pipeline } from "node:stream/promises";
import { type Extract, extract } from "tar-stream";

type Entry = Extract extends AsyncIterable<infer Each> ? Each : never;

/**
 * The entries of a tape archive, one after the other; each must be read or passed over before the next. Where the archive cannot be read to its end, the
 * reading fails with it: a stream that is only piped on would keep the fault to itself, and its reader waiting.
 */
export async function* entriesOf(archive: NodeJS.ReadableStream): AsyncGenerator<Entry, void> {
  const entries = extract();
  const read = pipeline(archive, entries);
  // Whoever reads the entries hears of a fault.
  read.catch(() => undefined);
  yield* entries;
  await read;
}
