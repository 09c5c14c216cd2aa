import { readFileSync } from "node:fs";

/** Listening sockets have this state in `/proc/net/tcp` (Linux, `include/net/tcp_states.h`). */
const LISTENS = "0A";

/**
 * The user whose process listens at a loopback port, by the kernel's own table; undefined where nobody does. A port that was left free may be taken by
 * anybody on the machine, so whoever is to get a secret is looked at first.
 * @param table `/proc/net/tcp`: addresses in hexadecimal, host byte order.
 */
export function listenerAt(port: number, table = readFileSync("/proc/net/tcp", "utf8")): number | undefined {
  const wanted = [`0100007F:${hex(port)}`, `00000000:${hex(port)}`];
  for (const line of table.split("\n").slice(1)) {
    const [, local = "", , state, , , , uid] = line.trim().split(/\s+/);
    if (state === LISTENS && wanted.includes(local)) return Number(uid);
  }
  return undefined;
}

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}

/** Whether a process of this number is there, whosever it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
