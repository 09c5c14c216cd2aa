import { lstatSync } from "node:fs";

/** A file that a control plane answers for while it runs. */
export interface KeptFile {
  readonly path: string;
  /** Writes it again where it is not what it should be; true when it did. */
  readonly keep: () => boolean;
}

/** A look asks the file system for a few short files: a command that finds one of them spoilt waits for as long. */
const EVERY_MS = 1000;
/** Every so many looks each file is read, whatever the file system says of it: a clock that was put back may give a spoilt one the old times. */
const READ_EVERY = 30;

/** What became of a file that was not what it should be: written again, or why it cannot be. */
export type Told = (path: string, failed?: Error) => void;

/** Writes files again as soon as they are missing or spoilt, until it is stopped. One that cannot be written is told once. */
export function startKeeping(files: readonly KeptFile[], told: Told): { stop(): void } {
  const failing = new Set<string>();
  /** By what a file that was as it should be is known again. */
  const good = new Map<string, string>();
  let looks = 0;
  function look(): void {
    if (looks++ % READ_EVERY === 0) good.clear();
    for (const file of files) {
      try {
        keep(file);
        failing.delete(file.path);
      } catch (error) {
        good.delete(file.path);
        if (!failing.has(file.path)) told(file.path, error as Error);
        failing.add(file.path);
      }
    }
  }
  function keep(file: KeptFile): void {
    // Before it is read: what is written meanwhile is another one at the next look.
    const stamp = stampOf(file.path);
    if (stamp !== undefined && good.get(file.path) === stamp) return;
    const wrote = file.keep();
    if (wrote || stamp === undefined) good.delete(file.path);
    else good.set(file.path, stamp);
    if (wrote) told(file.path);
  }
  const timer = setInterval(look, EVERY_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** What changes with whoever writes a file, replaces it, or lets others read it; undefined where there is none. */
function stampOf(path: string): string | undefined {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return found && [found.dev, found.ino, found.mode, found.uid, found.gid, found.size, found.mtimeNs, found.ctimeNs].join(" ");
}
