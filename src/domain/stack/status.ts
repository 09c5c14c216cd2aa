import { type Drift, describeEdit, driftOf, whyMissing } from "./drift.ts";
import { KINDS } from "./kinds/facts.ts";
import type { AnyNode, NodeId, Stack, StackNode } from "./node.ts";
import type { Observation, ObservedNode } from "./observation.ts";

export type StackState = "serving" | "degraded" | "down" | "unknown" | "stopped";

export interface StackHealth {
  readonly state: StackState;
  readonly because: readonly string[];
  /** Everything in which reality differs from what is wanted. */
  readonly drift: readonly Drift[];
}

/** Said of a first server that is away while another one has all of its data. */
const NO_FAILOVER = "failover to the replica is not part of this version: this server is started again";

/**
 * Sums up a stack from what was seen. What is known to be wrong decides: a missing way in or process is down, and so is a server that is away with
 * what only it could show; everything stopped is stopped where that is the desired state and down where it is not, anything else that is amiss is degraded. Only where nothing is known to be wrong,
 * unknown is said as unknown.
 */
export function healthOf(desired: Stack, seen: Observation, meant: "running" | "stopped" = "running"): StackHealth {
  const unknown: string[] = [];
  const missing: string[] = [];
  const stopped: string[] = [];
  const failing: string[] = [];
  const over: string[] = [];
  const noFailover = desired.nodes.some((node) => node.kind === "replica") ? NO_FAILOVER : undefined;
  for (const node of desired.nodes) {
    const observation = seen.nodes.get(node.id);
    if (observation?.state === "unknown") unknown.push(`${node.id}: ${observation.because}`);
    else if (observation?.state !== "present") whereGone(node, { missing, failing }).push(`${node.id} ${whyMissing(observation)}`);
    else {
      const words = wordsOf([observation.value.because, node.kind === "postgres" ? noFailover : undefined]);
      if (observation.value.condition === "stopped") stopped.push(`${node.id} is stopped${words}`);
      over.push(...otherThanMade(node.id, observation.value), ...endsOften(node.id, observation.value.facts));
      if (node.kind === "database") over.push(...overQuota(node, observation.value.facts));
      if (observation.value.condition === "failing") failing.push(`${node.id} is failing${words}`);
    }
  }
  const because = [...missing, ...stopped, ...failing, ...over, ...unknown];
  const runners = desired.nodes.filter((node) => KINDS[node.kind].runs).length;
  return {
    state: verdict({ unknown, missing, stopped, failing: [...failing, ...over], runners, meant }),
    because,
    drift: driftOf(desired, seen),
  };
}

/** Nobody is served by a follower: without it the first server goes on. */
function whereGone({ kind }: AnyNode, { missing, failing }: Record<"missing" | "failing", string[]>): string[] {
  return kind === "replica" ? failing : missing;
}

/** Whether one of its processes was just started, and has not shown its health since. */
export function isStarting(desired: Stack, seen: Observation): boolean {
  const observations = desired.nodes.map((node) => seen.nodes.get(node.id));
  return observations.some((observation) => observation?.state === "present" && observation.value.starting === true);
}

/** Data that is not what was made: somebody put other data in its place, and may know why. It goes on, and is said. */
function otherThanMade(id: NodeId, { declared, edits = [] }: ObservedNode): readonly string[] {
  const foreign = KINDS[declared.kind].holdsData ? edits.filter((edit) => edit.repair === "report") : [];
  return foreign.length === 0 ? [] : [`${id} is not what was made: ${foreign.map(describeEdit).join(", ")}`];
}

/** A process that was started again often, though it runs at each look. */
function endsOften(id: NodeId, facts: ObservedNode["facts"]): readonly string[] {
  const ends = facts["endsInAnHour"];
  return typeof ends === "number" ? [`${id} ended by itself ${ends} times within an hour`] : [];
}

/** A database that outgrew its disk quota goes on, and is said. */
function overQuota({ id, spec }: StackNode<"database">, facts: ObservedNode["facts"]): readonly string[] {
  const bytes = facts["bytes"];
  const { diskQuotaBytes } = spec;
  if (diskQuotaBytes === undefined || typeof bytes !== "number" || bytes <= diskQuotaBytes) return [];
  return [`${id} holds ${mebibytes(bytes)} MiB, and its disk quota grants ${mebibytes(diskQuotaBytes)} MiB`];
}

function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 1024 ** 2);
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
  meant: "running" | "stopped";
}): StackState {
  const runnersStopped = seen.stopped.length > 0 && seen.stopped.length >= seen.runners;
  const still = seen.meant === "stopped" ? "stopped" : "down";
  if (runnersStopped && seen.missing.length === 0) return still;
  if (seen.missing.length > 0) return "down";
  if (runnersStopped) return still;
  // A server that is known to be away takes with it what only it could show.
  if (seen.stopped.length + seen.failing.length > 0) return seen.unknown.length > 0 ? "down" : "degraded";
  return seen.unknown.length > 0 ? "unknown" : "serving";
}
