import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, statfs } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

const MIB = 1024 * 1024;
const ROOM = /^(\d+)-[A-Za-z0-9]+$/;

/** The cache folder: finished files by content, and rooms where unfinished work lies until it is renamed into place. */
export interface BuildDirectory {
  readonly cacheDir: string;
  /** Empty folder for one build; named by the process that owns it. */
  room(): Promise<string>;
  /** Throws away rooms whose process is gone. */
  sweep(): Promise<void>;
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

export async function freeMiB(folder: string): Promise<number> {
  const seen = await statfs(folder);
  return Math.floor((seen.bavail * seen.bsize) / MIB);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A chroot in the making holds bind mounts of this machine's /dev and /proc: nothing below a mount may ever be deleted. */
async function holdsMount(folder: string): Promise<boolean> {
  const mounts = await readFile("/proc/self/mountinfo", "utf8");
  return mounts.split("\n").some((line) => (line.split(" ")[4] ?? "").startsWith(`${folder}/`));
}

async function sweepRooms(rooms: string): Promise<void> {
  for (const name of await readdir(rooms)) {
    const pid = Number(ROOM.exec(name)?.[1] ?? Number.NaN);
    const room = join(rooms, name);
    if (Number.isNaN(pid) || isAlive(pid) || (await holdsMount(room))) continue;
    // What an unprivileged mmdebstrap left belongs to other uids and may resist; it is in nobody's way.
    await rm(room, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** The group of the user as whom apt fetches (Debian: _apt, of nogroup). */
const NOGROUP = 65_534;

/**
 * A file system in the making holds folders in which everybody may write, such as its own /tmp, and what is written there would be in the image. So
 * nobody but root, and apt's own user on its way through, may pass this folder. Without root the maker's own namespace needs to pass it.
 */
async function closeToOthers(rooms: string): Promise<void> {
  if (process.getuid?.() !== 0) return await chmod(rooms, 0o711);
  await chown(rooms, 0, NOGROUP);
  await chmod(rooms, 0o710);
}

export async function openBuildDirectory(cacheDir: string): Promise<BuildDirectory> {
  const rooms = join(cacheDir, "rooms");
  await mkdir(rooms, { recursive: true });
  await closeToOthers(rooms);
  return {
    cacheDir,
    room: async () => {
      const room = await mkdtemp(join(rooms, `${process.pid}-`));
      // apt fetches as an unprivileged user, who must be able to pass through.
      await chmod(room, 0o755);
      return room;
    },
    sweep: () => sweepRooms(rooms),
  };
}

/** Makes `path` by `make` unless it is there: written in a room under the same base name, then renamed; only whole files ever carry the name. */
export async function finished(
  buildDirectory: BuildDirectory,
  path: string,
  make: (target: string, room: string) => Promise<void>,
): Promise<string> {
  if (await exists(path)) return path;
  await mkdir(dirname(path), { recursive: true });
  const room = await buildDirectory.room();
  try {
    const target = join(room, basename(path));
    await make(target, room);
    await rename(target, path);
    return path;
  } finally {
    if (!(await holdsMount(room))) await rm(room, { recursive: true, force: true }).catch(() => undefined);
  }
}
