import type { Instant } from "../../kernel/instant.ts";

/** How often what hangs is restarted within an hour before somebody must look. */
export const RESTARTS_AN_HOUR = 3;
const HOUR_MS = 3_600_000;

/** The restarts that still count: those of the last hour. A clock that was put back forgets none. */
export function recentRestarts(restarts: readonly Instant[], now: Instant): readonly Instant[] {
  return restarts.filter((at) => now - at < HOUR_MS);
}

/**
 * Whether a process that hangs may be restarted now. It serves nobody, so no window is waited for; but what hangs again and again is not healed by
 * restarting it, and each restart ends what its users were doing.
 */
export function mayRestart(restarts: readonly Instant[], now: Instant): boolean {
  return recentRestarts(restarts, now).length < RESTARTS_AN_HOUR;
}
