import { closeSync, openSync, readSync } from "node:fs";

/** Listening sockets have this state in `/proc/net/tcp` (Linux, `include/net/tcp_states.h`). */
const LISTENS = "0A";
const PIECE_BYTES = 16 * 1024;

/**
 * The user whose process listens at a loopback port, by the kernel's own table; undefined where nobody does. A port that was left free may be taken by
 * anybody on the machine, so whoever is to get a secret is looked at first.
 * @param table the lines of `/proc/net/tcp`: addresses in hexadecimal, host byte order.
 */
export function listenerAt(port: number, table: Iterable<string> = linesOf("/proc/net/tcp")): number | undefined {
  const wanted = [`0100007F:${hex(port)}`, `00000000:${hex(port)}`];
  for (const line of table) {
    const [, local = "", , state, , , , uid] = line.trim().split(/\s+/);
    if (state === LISTENS && wanted.includes(local)) return Number(uid);
  }
  return undefined;
}

/** Read piece by piece: the kernel lists those who listen first, and to list all others takes it longer than the rest of a command. */
function* linesOf(path: string): Generator<string> {
  const file = openSync(path, "r");
  try {
    const piece = Buffer.alloc(PIECE_BYTES);
    let rest = "";
    for (let length = readSync(file, piece); length > 0; length = readSync(file, piece)) {
      const lines = (rest + piece.toString("latin1", 0, length)).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
    yield rest;
  } finally {
    closeSync(file);
  }
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
