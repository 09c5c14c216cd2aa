import { readFile, stat } from "node:fs/promises";
import { ifThere } from "../../../adapters/files/if-there.ts";
import type { Edit } from "../../../domain/stack/observation.ts";
import { sha256 } from "../../../kernel/canonical.ts";

interface Known {
  readonly stamp: string;
  readonly hash: string;
}

/** What was read last of each file: one whose times, size and place on the disk are the same was not written since. */
const known = new Map<string, Known>();
const MOST_KNOWN = 20_000;

/** The start of the hash of a file's content; undefined where there is none. One that cannot be read is thrown: its content is unknown. */
export async function contentHash(path: string): Promise<string | undefined> {
  const hash = await ifThere(hashNow(path)).catch((error: unknown) => {
    known.delete(path);
    throw error;
  });
  if (hash === undefined) known.delete(path);
  return hash;
}

async function hashNow(path: string): Promise<string> {
  const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  const stamp = `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  const before = known.get(path);
  if (before?.stamp === stamp) return before.hash;
  const hash = hashOfContent(await readFile(path));
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(path, { stamp, hash });
  return hash;
}

export function hashOfContent(content: string | Uint8Array): string {
  return sha256(content).slice(0, 16);
}

/** How files differ from what was written into them, by the hashes that were noted then. */
export async function contentEdits(written: Readonly<Record<string, string>>, repair: Edit["repair"]): Promise<readonly Edit[]> {
  const edits: Edit[] = [];
  for (const [path, hash] of Object.entries(written)) {
    const is = await contentHash(path);
    if (is !== hash) edits.push({ field: `file ${path}`, made: hash, found: is ?? "gone", repair });
  }
  return edits;
}
