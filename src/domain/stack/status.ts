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

/** Said of a first server that is away while another one has all of its data. */
const NO_FAILOVER = "failover to the replica is not part of this version: apply starts this server again";

/**
 * Sums up a stack from what was seen. What is known to be wrong decides: a missing way in or process is down, and so is a server that is away with
 * what only it could show; everything stopped on purpose is stopped, anything else that is amiss is degraded. Only where nothing is known to be wrong,
 * unknown is said as unknown.
 */
export function healthOf(desired: Stack, seen: Observation): StackHealth {
  const unknown: string[] = [];
  const missing: string[] = [];
  const stopped: string[] = [];
  const failing: string[] = [];
  const drift: NodeId[] = [];
  const noFailover = desired.nodes.some((node) => node.kind === "replica") ? NO_FAILOVER : undefined;
  for (const node of desired.nodes) {
    const sight = seen.nodes.get(node.id);
    if (sight?.state === "unknown") unknown.push(`${node.id}: ${sight.because}`);
    else if (sight?.state !== "present") missing.push(`${node.id} is not there`);
    else {
      if (sight.value.hash !== specHash(node)) drift.push(node.id);
      const words = wordsOf([sight.value.because, node.kind === "postgres" ? noFailover : undefined]);
      if (sight.value.condition === "stopped") stopped.push(`${node.id} is stopped${words}`);
      if (sight.value.condition === "failing") failing.push(`${node.id} is failing${words}`);
    }
  }
  const because = [...missing, ...stopped, ...failing, ...unknown];
  const runners = desired.nodes.filter((node) => KINDS[node.kind].runs).length;
  return { state: verdict({ unknown, missing, stopped, failing, runners, all: desired.nodes.length }), because, drift };
}

function wordsOf(reasons: readonly (string | undefined)[]): string {
  const said = reasons.filter((reason) => reason !== undefined);
  return said.length === 0 ? "" : ` (${said.join("; ")})`;
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
  if (seen.missing.length > 0) return "down";
  if (runnersStopped) return "stopped";
  // A server that is known to be away takes with it what only it could show.
  if (seen.stopped.length + seen.failing.length > 0) return seen.unknown.length > 0 ? "down" : "degraded";
  return seen.unknown.length > 0 ? "unknown" : "serving";
}
