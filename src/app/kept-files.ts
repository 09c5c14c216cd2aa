/** A file that a control plane answers for while it runs. */
export interface KeptFile {
  readonly path: string;
  /** Writes it again where it is not what it should be; true when it did. */
  readonly keep: () => boolean;
}

/** A look reads a few short files: a command that finds one of them spoilt waits for as long. */
const EVERY_MS = 1000;

/** What became of a file that was not what it should be: written again, or why it cannot be. */
export type Told = (path: string, failed?: Error) => void;

/** Writes files again as soon as they are missing or spoilt, until it is stopped. One that cannot be written is told once. */
export function startKeeping(files: readonly KeptFile[], told: Told): { stop(): void } {
  const failing = new Set<string>();
  function look(): void {
    for (const { path, keep } of files) {
      try {
        if (keep()) told(path);
        failing.delete(path);
      } catch (error) {
        if (!failing.has(path)) told(path, error as Error);
        failing.add(path);
      }
    }
  }
  const timer = setInterval(look, EVERY_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
