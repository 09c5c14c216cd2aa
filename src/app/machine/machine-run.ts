import { readFileSync } from "node:fs";

/** What tells one run of this machine, and of its Docker Engine, from the next. */
export type MachineRun = {
  /** The kernel's, new at each boot. */
  readonly boot: string;
  /** When the engine's process began, in ticks of this boot; absent where it cannot be read. */
  readonly engine?: string;
};

const BOOT_ID = "/proc/sys/kernel/random/boot_id";
const ENGINE_PID = "/var/run/docker.pid";

export function readMachineRun(): MachineRun {
  const boot = readFileSync(BOOT_ID, "utf8").trim();
  const engine = startOf(ENGINE_PID);
  return engine === undefined ? { boot } : { boot, engine };
}

/** Field 22 of proc(5)'s `stat`; the name in brackets before it may hold blanks. */
function startOf(pidFile: string): string | undefined {
  try {
    const stat = readFileSync(`/proc/${readFileSync(pidFile, "utf8").trim()}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
