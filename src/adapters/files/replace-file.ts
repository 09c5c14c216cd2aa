import { randomBytes } from "node:crypto";
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { lstat, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Who may do what with a file. Without an owner it is this process's own. */
export interface Access {
  readonly mode: number;
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** The folder, of the same file system, to which a folder in the place of the file is moved; beside the file unless said. */
  readonly aside?: string;
}

/** In the same folder, so that the rename is one act; nobody else makes the same name, and what a killed process left is never taken for one's own. */
function besides(path: string): string {
  return `${path}.making-${randomBytes(4).toString("hex")}`;
}

/** What stands in a file's place and is none is not ours to delete: it is moved aside. */
function asideOf(path: string, { aside = dirname(path) }: Pick<Access, "aside">): string {
  return join(aside, `${basename(path)}.not-a-file-${randomBytes(4).toString("hex")}`);
}

/** True of a file that is open to the same readers. The group of one without an owner is the folder's affair. */
function isOpenTo(seen: Stats | undefined, { mode, owner }: Access): boolean {
  if (!seen?.isFile() || (seen.mode & 0o777) !== mode) return false;
  return owner === undefined ? seen.uid === process.geteuid?.() : seen.uid === owner.uid && seen.gid === owner.gid;
}

/**
 * Replaces a file whole, by rename, written through to the disk with its name, unless it already says the same to the same readers; true when it wrote.
 * Readers see the old or the new content, whenever this process is killed. A folder that stands in its place is moved aside.
 */
export async function replaceFile(path: string, content: string, access: Access): Promise<boolean> {
  const seen = await stat(path).catch(() => undefined);
  if (isOpenTo(seen, access) && (await readFile(path, "utf8").catch(() => undefined)) === content) return false;
  await rewriteFile(path, content, access);
  return true;
}

/** The same also where the file says so already: who watches it is told. */
export async function rewriteFile(path: string, content: string, access: Access): Promise<void> {
  const making = besides(path);
  try {
    const file = await open(making, "wx", access.mode);
    try {
      await file.writeFile(content);
      // Whatever the umask of this process takes away.
      await file.chmod(access.mode);
      if (access.owner !== undefined) await file.chown(access.owner.uid, access.owner.gid);
      await file.sync();
    } finally {
      await file.close();
    }
    if ((await lstat(path).catch(() => undefined))?.isDirectory()) {
      if (access.aside !== undefined) await mkdir(access.aside, { recursive: true, mode: 0o755 });
      await rename(path, asideOf(path, access));
    }
    await rename(making, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(making, { force: true });
    throw error;
  }
}

/** The same for what must be on the disk before the next statement. */
export function replaceFileNow(path: string, content: string, access: Access): boolean {
  if (isOpenTo(statSync(path, { throwIfNoEntry: false }), access) && contentOf(path) === content) return false;
  const making = besides(path);
  try {
    const file = openSync(making, "wx", access.mode);
    try {
      writeFileSync(file, content);
      fchmodSync(file, access.mode);
      if (access.owner !== undefined) fchownSync(file, access.owner.uid, access.owner.gid);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      if (access.aside !== undefined) mkdirSync(access.aside, { recursive: true, mode: 0o755 });
      renameSync(path, asideOf(path, access));
    }
    renameSync(making, path);
    syncFolderNow(dirname(path));
  } catch (error) {
    rmSync(making, { force: true });
    throw error;
  }
  return true;
}

/** A rename is on the disk once its folder is: before, a power cut may bring the old file back. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function syncFolderNow(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
