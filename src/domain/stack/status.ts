import { KINDS } from "./kinds/facts.ts";
import type { NodeId, Stack } from "./node.ts";
import { specHash } from "./node.ts";
import type { Observation } from "./observation.ts";

export type StackState = "serving" | "degraded" | "down" | "unknown" | "stopped";

export interface StackHealth {
  readonly state: StackState;
  readonly because: readonly string[];
  /** Nodes whose reality differs from what is wanted. */
  readonly drift: readonly NodeId[];
}

/**
 * Sums up a stack from what was seen. A group shows its worst member: unknown is said as unknown, a missing way in or process is down,
 * everything stopped on purpose is stopped, anything else that is amiss is degraded.
 */
export function healthOf(desired: Stack, seen: Observation): StackHealth {
  const unknown: string[] = [];
  const missing: string[] = [];
  const stopped: string[] = [];
  const failing: string[] = [];
  const drift: NodeId[] = [];
  for (const node of desired.nodes) {
    const sight = seen.nodes.get(node.id);
    if (sight?.state === "unknown") unknown.push(`${node.id}: ${sight.because}`);
    else if (sight?.state !== "present") missing.push(`${node.id} is not there`);
    else {
      if (sight.value.hash !== specHash(node)) drift.push(node.id);
      const words = sight.value.because === undefined ? "" : ` (${sight.value.because})`;
      if (sight.value.condition === "stopped") stopped.push(`${node.id} is stopped${words}`);
      if (sight.value.condition === "failing") failing.push(`${node.id} is failing${words}`);
    }
  }
  const because = [...unknown, ...missing, ...stopped, ...failing];
  const runners = desired.nodes.filter((node) => KINDS[node.kind].runs).length;
  return { state: verdict({ unknown, missing, stopped, failing, runners, all: desired.nodes.length }), because, drift };
}

function verdict(seen: {
  unknown: string[];
  missing: string[];
  stopped: string[];
  failing: string[];
  runners: number;
  all: number;
}): StackState {
  const runnersStopped = seen.stopped.length > 0 && seen.stopped.length >= seen.runners;
  if (runnersStopped && seen.missing.length === 0) return "stopped";
  if (seen.unknown.length > 0) return "unknown";
  if (seen.missing.length > 0) return "down";
  if (runnersStopped) return "stopped";
  return seen.stopped.length + seen.failing.length > 0 ? "degraded" : "serving";
}
