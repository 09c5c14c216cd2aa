import { readFileSync } from "node:fs";
import { type ConnectionLimits, connectionLimits } from "../../api/connections.ts";

/** What a process may open at most where the system does not say. */
const USUAL = 1024;

/** How many files and connections this process may hold open. Linux; elsewhere the usual number. */
export function openFiles(limits = "/proc/self/limits"): number {
  try {
    const [, soft = ""] = /^Max open files\s+(\S+)/m.exec(readFileSync(limits, "utf8")) ?? [];
    return soft === "unlimited" ? Number.MAX_SAFE_INTEGER : Number(soft) || USUAL;
  } catch {
    return USUAL;
  }
}

/** What the API may hold of them. */
export function apiLimits(): ConnectionLimits {
  return connectionLimits(openFiles());
}
