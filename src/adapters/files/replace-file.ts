import { randomBytes } from "node:crypto";
import {
  chownSync,
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { chown, lstat, open, readFile, rename, rm, stat } from "node:fs/promises";

/** Who may do what with a file. */
export interface Access {
  readonly mode: number;
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/** In the same folder, so that the rename is one act; nobody else makes the same name, and what a killed process left is never taken for one's own. */
function besides(path: string): string {
  return `${path}.making-${randomBytes(4).toString("hex")}`;
}

/** What stands in a file's place and is none is not ours to delete: it is moved beside it. */
function asideOf(path: string): string {
  return `${path}.not-a-file-${randomBytes(4).toString("hex")}`;
}

/**
 * Replaces a file whole, by rename, written through to the disk, unless it already says the same to the same readers; true when it wrote. Readers see the old or the
 * new content, whenever this process is killed. A folder that stands in its place is moved aside.
 */
export async function replaceFile(path: string, content: string, access: Access): Promise<boolean> {
  const seen = await stat(path).catch(() => undefined);
  if (seen?.isFile() && (seen.mode & 0o777) === access.mode && (await readFile(path, "utf8").catch(() => undefined)) === content)
    return false;
  const making = besides(path);
  try {
    const file = await open(making, "wx", access.mode);
    try {
      await file.writeFile(content);
      // Whatever the umask of this process takes away.
      await file.chmod(access.mode);
      await file.sync();
    } finally {
      await file.close();
    }
    if (access.owner !== undefined) await chown(making, access.owner.uid, access.owner.gid);
    if ((await lstat(path).catch(() => undefined))?.isDirectory()) await rename(path, asideOf(path));
    await rename(making, path);
  } catch (error) {
    await rm(making, { force: true });
    throw error;
  }
  return true;
}

/** The same for what must be on the disk before the next statement. */
export function replaceFileNow(path: string, content: string, access: Access): boolean {
  if (modeOf(path) === access.mode && contentOf(path) === content) return false;
  const making = besides(path);
  try {
    const file = openSync(making, "wx", access.mode);
    try {
      writeFileSync(file, content);
      fchmodSync(file, access.mode);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (access.owner !== undefined) chownSync(making, access.owner.uid, access.owner.gid);
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) renameSync(path, asideOf(path));
    renameSync(making, path);
  } catch (error) {
    rmSync(making, { force: true });
    throw error;
  }
  return true;
}

function modeOf(path: string): number | undefined {
  const seen = statSync(path, { throwIfNoEntry: false });
  return seen?.isFile() ? seen.mode & 0o777 : undefined;
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
