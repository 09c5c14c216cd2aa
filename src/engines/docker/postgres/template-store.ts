import { chown, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { pack } from "tar-stream";
import { z } from "zod";
import { linkOf } from "../../../adapters/files/if-there.ts";
import { replaceFile } from "../../../adapters/files/replace-file.ts";
import { readStateFile, type StateForm } from "../../../adapters/files/state-file.ts";
import type { TemplateSpec } from "../../../domain/stack/kinds/template.ts";
import { hashOf } from "../../../kernel/canonical.ts";
import { failure } from "../../../kernel/problem.ts";
import { entriesOf } from "../container/tar-entries.ts";
import { RUNS_AS, type Scope } from "../scope.ts";

/** A template as it is kept outside any server: a dump and the attachments, by content. */
export interface TemplateArchive {
  readonly key: string;
  readonly folder: string;
  readonly dump: string;
  readonly filestore: string;
}

/** The identity of a template: what is installed, by which exact image. */
export function templateKey(spec: TemplateSpec, imageId: string): string {
  return hashOf({ imageId, series: spec.series, modules: [...spec.modules].sort(), form: 1 }).slice(0, 16);
}

export function archiveAt(folder: string, key: string): TemplateArchive {
  return { key, folder, dump: join(folder, "database.dump"), filestore: join(folder, "filestore.tar") };
}

export function keptArchive(scope: Scope, key: string): TemplateArchive {
  return archiveAt(join(scope.paths.cache, "templates", key), key);
}

/** Beside the two files: what was written into them. */
const SIZES = "sizes.json";
const Sizes = z.object({ dump: z.int().positive(), filestore: z.int().positive() });
const SIZES_FORM: StateForm<z.infer<typeof Sizes>> = {
  form: "the sizes of an archive",
  read: (text) => Sizes.safeParse(JSON.parse(text)).data,
};

/**
 * True when the whole archive is there, as it was written: it appears by one rename, and what was cut or emptied since counts as not there, so that
 * it is made again. Archives of an earlier version did not note their sizes: of these both files must be there.
 */
export async function isKept(archive: TemplateArchive): Promise<boolean> {
  const found = await sizesOf(archive);
  const noted = readStateFile(join(archive.folder, SIZES), SIZES_FORM);
  if (found === undefined || noted.state === "wrong") return false;
  return noted.state === "missing" || (noted.value.dump === found.dump && noted.value.filestore === found.filestore);
}

async function sizesOf({ dump, filestore }: TemplateArchive): Promise<z.infer<typeof Sizes> | undefined> {
  const [one, other] = await Promise.all([dump, filestore].map((path) => linkOf(path)));
  if (one?.isFile() !== true || other?.isFile() !== true) return undefined;
  return Sizes.safeParse({ dump: one.size, filestore: other.size }).data;
}

/** A folder in which an archive is made, writable by jobs; the same key again begins with an empty one. */
export async function archiveRoom(scope: Scope, key: string): Promise<TemplateArchive> {
  const folder = join(scope.paths.cache, "templates", `.making-${key}-${scope.owner.instance}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await chown(folder, RUNS_AS, RUNS_AS);
  return archiveAt(folder, key);
}

/** Moves a finished archive to its place. Another fleet of the machine may have been quicker with the same content: then its one stays. */
export async function keepArchive(scope: Scope, made: TemplateArchive): Promise<TemplateArchive> {
  const place = keptArchive(scope, made.key);
  const sizes = await sizesOf(made);
  if (sizes === undefined) throw failure("BAL-E001", made.folder, "the archive of a template is not whole");
  await replaceFile(join(made.folder, SIZES), `${JSON.stringify(sizes)}\n`, { mode: 0o644 });
  if (!(await isKept(place))) await rm(place.folder, { recursive: true, force: true });
  try {
    await rename(made.folder, place.folder);
  } catch (error) {
    if (!(await isKept(place))) throw error;
    await rm(made.folder, { recursive: true, force: true });
  }
  return place;
}

/** Attachments are named after their content, and those that may be of no use any more are listed by the same names. */
const ATTACHMENT = /^(checklist\/)?[0-9a-f]{2}\/[0-9a-f]{40}$/;

/** Writes the attachments in a container's folder into an archive, with names relative to that folder; anything else that lies there is left out. */
export async function saveFilestore(archive: NodeJS.ReadableStream, root: string, file: string): Promise<void> {
  const out = pack();
  async function fill(): Promise<void> {
    for await (const entry of entriesOf(archive)) {
      const name = entry.header.name.replace(/\/$/, "");
      const inside = name.startsWith(`${root}/`) ? name.slice(root.length + 1) : "";
      if (!ATTACHMENT.test(inside) || entry.header.type !== "file") {
        entry.resume();
        continue;
      }
      const sink = out.entry({ name: inside, size: entry.header.size ?? 0, mode: 0o640, uid: RUNS_AS, gid: RUNS_AS, mtime: new Date(0) });
      await pipeline(entry, sink);
    }
    out.finalize();
  }
  // Nothing may be there yet: a link would lead the writer, who is root, elsewhere.
  const target = await open(file, "wx");
  const filled = fill().catch((error: Error) => {
    out.destroy(error);
    throw error;
  });
  await Promise.all([filled, pipeline(out, target.createWriteStream())]);
}
