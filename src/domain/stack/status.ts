import { type Drift, driftOf } from "./drift.ts";
import { KINDS } from "./kinds/facts.ts";
import type { Stack } from "./node.ts";
import type { Observation } from "./observation.ts";

export type StackState = "serving" | "degraded" | "down" | "unknown" | "stopped";

export interface StackHealth {
  readonly state: StackState;
  readonly because: readonly string[];
  /** Everything in which reality differs from what is wanted. */
  readonly drift: readonly Drift[];
}

/**
 * Sums up a stack from what was seen. A group shows its worst member: unknown is said as unknown, a missing way in or process is down,
 * everything stopped is stopped where that is the wish and down where it is not, anything else that is amiss is degraded.
 */
export function healthOf(desired: Stack, seen: Observation, wish: "running" | "stopped" = "running"): StackHealth {
  const unknown: string[] = [];
  const missing: string[] = [];
  const stopped: string[] = [];
  const failing: string[] = [];
  for (const node of desired.nodes) {
    const sight = seen.nodes.get(node.id);
    if (sight?.state === "unknown") unknown.push(`${node.id}: ${sight.because}`);
    else if (sight?.state !== "present") missing.push(`${node.id} is not there`);
    else {
      const words = sight.value.because === undefined ? "" : ` (${sight.value.because})`;
      if (sight.value.condition === "stopped") stopped.push(`${node.id} is stopped${words}`);
      if (sight.value.condition === "failing") failing.push(`${node.id} is failing${words}`);
    }
  }
  const because = [...unknown, ...missing, ...stopped, ...failing];
  const runners = desired.nodes.filter((node) => KINDS[node.kind].runs).length;
  return { state: verdict({ unknown, missing, stopped, failing, runners, wish }), because, drift: driftOf(desired, seen) };
}

function verdict(seen: {
  unknown: string[];
  missing: string[];
  stopped: string[];
  failing: string[];
  runners: number;
  wish: "running" | "stopped";
}): StackState {
  const runnersStopped = seen.stopped.length > 0 && seen.stopped.length >= seen.runners;
  const still = seen.wish === "stopped" ? "stopped" : "down";
  if (runnersStopped && seen.missing.length === 0) return still;
  if (seen.unknown.length > 0) return "unknown";
  if (seen.missing.length > 0) return "down";
  if (runnersStopped) return still;
  return seen.stopped.length + seen.failing.length > 0 ? "degraded" : "serving";
}
