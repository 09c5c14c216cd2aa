import { KINDS } from "../../domain/stack/kinds/facts.ts";
import type { NodeId, StackId } from "../../domain/stack/node.ts";
import type { Observation, ObservedNode, Seen } from "../../domain/stack/observation.ts";
import { type LookingEngine, lookAt } from "../../engines/survey.ts";
import type { Instant } from "../../kernel/instant.ts";
import type { CompiledRevision } from "../services.ts";
import type { Former } from "./decide.ts";

/** A former name that still serves, or of which it cannot be determined; `mayClose` where its window is open, so that an apply would close it. */
export interface FormerObservation extends Former {
  readonly mayClose: boolean;
}

/** Whether the stack whose data this one takes over has given it up. Undefined where it has, or where there is none. */
export async function lookAtFormer(
  engine: LookingEngine,
  compiled: Pick<CompiledRevision, "formerly" | "stacks" | "snapshot">,
  { stack, now }: { readonly stack: StackId; readonly now: Instant },
): Promise<FormerObservation | undefined> {
  const former = compiled.formerly.get(stack);
  if (former === undefined || compiled.stacks.has(former)) return undefined;
  const seen = await lookAt(engine, { id: former, role: "environment", nodes: [] });
  if (seen.unseen !== undefined) return { stack: former, state: "unknown", because: seen.unseen, mayClose: false };
  const silent = [...seen.nodes.values()].find((observation) => observation.state === "unknown");
  if (silent?.state === "unknown") return { stack: former, state: "unknown", because: silent.because, mayClose: false };
  if (!isServing(seen)) return undefined;
  const { protectedByCalendar, window } = await compiled.snapshot(former, now);
  if (!protectedByCalendar || window === undefined || window.admitsDisruption)
    return { stack: former, state: "serves", because: "it still serves", mayClose: true };
  return {
    stack: former,
    state: "serves",
    because: `it serves until its window: ${window.because.join("; ")}`,
    ...(window.nextOpenText === undefined ? {} : { until: window.nextOpenText }),
    mayClose: false,
  };
}

/** The processes that answer people and do not run, of a stack that is to serve until it is closed. Empty where nothing leads to it any more. */
export function stoppedIn(seen: Pick<Observation, "nodes">): readonly NodeId[] {
  if (!isServing(seen)) return [];
  return [...seen.nodes].flatMap(([id, observation]) =>
    observation.state === "present" && observation.value.declared.kind === "odoo" && observation.value.condition === "stopped" ? [id] : [],
  );
}

/** Whether anything is there whose end people would notice. */
export function isServing({ nodes }: Pick<Observation, "nodes">): boolean {
  return [...nodes.values()].some(serves);
}

function serves(observation: Seen<ObservedNode>): boolean {
  return (
    observation.state === "present" &&
    observation.value.condition === "serving" &&
    KINDS[observation.value.declared.kind].closesWhenGone !== undefined
  );
}
