import type { Readable } from "node:stream";
import { pack } from "tar-stream";
import type { RecipeFile } from "./recipe.ts";

/** One moment for every file: Odoo rebuilds its assets when only a file's time differs between two builds. */
const FIXED_TIME = new Date("2020-01-01T00:00:00Z");

/** The build context as a tar stream: the same bytes for the same recipe, whoever checked it out and when. */
export function contextStream(files: readonly RecipeFile[]): Readable {
  const archive = pack();
  for (const file of files) {
    archive.entry({ name: file.path, mtime: FIXED_TIME, mode: 0o644, uid: 0, gid: 0 }, Buffer.from(file.content));
  }
  archive.finalize();
  return archive as unknown as Readable;
}
