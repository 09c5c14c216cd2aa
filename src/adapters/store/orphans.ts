import { readdirSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";

/**
 * Ends PostgreSQL servers whose folder below this one was removed: one that was started while a fleet was being deleted would run on for up to a minute, until
 * it sees for itself that its files are gone. Answers with the numbers of their processes.
 */
export function endOrphans(folder: string): readonly number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const orphans = pids.filter((pid) => isServerIn(pid, folder)).map(Number);
  for (const pid of orphans) {
    try {
      process.kill(pid, "SIGQUIT");
    } catch {
      // It has ended by itself.
    }
  }
  return orphans;
}

/** A server stands in its data folder; of a removed one the kernel says so behind its name. */
function isServerIn(pid: string, folder: string): boolean {
  try {
    const place = readlinkSync(join("/proc", pid, "cwd"));
    return (
      place === `${join(folder, "postgres", "data")} (deleted)` && basename(readlinkSync(join("/proc", pid, "exe"))).startsWith("postgres")
    );
  } catch {
    return false;
  }
}
