import type { FieldChange } from "../stack/compare.ts";
import type { Impact } from "../stack/kinds/kind.ts";
import type { AnyNode, NodeId, NodeKind, SourceRef, StackId } from "../stack/node.ts";
import type { Stranger } from "../stack/observation.ts";

/** `start`: the object is right and does not run. `keep`: the object is data that nobody declares any more, or one that cannot be judged now. */
export type Verb = "create" | "update" | "replace" | "start" | "remove" | "keep";

/** What to do with objects that a stack no longer declares. */
export type Closing = "keep-data" | "remove-all" | "hand-over";

/** Why a change is wanted, in words and with the place that asked for it. */
export interface Reason {
  readonly text: string;
  readonly from?: SourceRef;
  /** The fields that differ, where two declarations were compared. */
  readonly fields?: readonly FieldChange[];
}

export interface Change {
  readonly node: NodeId;
  readonly kind: NodeKind;
  readonly verb: Verb;
  /** What is wanted; absent for `remove` and `keep`. */
  readonly desired?: AnyNode;
  /** What is there, for `remove`, `update` and `replace`. */
  readonly observed?: Pick<AnyNode, "id" | "kind" | "spec" | "uses">;
  readonly because: readonly Reason[];
  readonly impact: Impact;
  /** True for a `create` of what is missing from a stack that is there. */
  readonly missing?: true;
  /** True for an update that the engine makes without recreating the object. */
  readonly inPlace?: boolean;
  /** True for a `start` of what runs and hangs: it is ended first. */
  readonly restarts?: true;
  /** True for a change of a process that does not serve: waiting for a window would only keep it down. */
  readonly down?: true;
  /** Changes of the same plan that must be done before this one. */
  readonly after: readonly NodeId[];
  /** Changes of the same plan that it fits: done without them, those who use the object would meet one that is not made for them. */
  readonly fits?: readonly NodeId[];
}

/**
 * A change that cannot be made, or a node that cannot be judged. `unknown` makes the plan incomplete; `refused` is a wrong desired state; `lost` held data
 * and is gone: it is left as it is until somebody restores it or gives it up by name.
 */
export interface Obstacle {
  readonly node: NodeId;
  readonly kind: "unknown" | "refused" | "lost";
  readonly because: string;
  /** What stands in the place of what is lost. */
  readonly instead?: Stranger;
}

/** Ordered differences of one stack, desired − observed. */
export interface StackPlan {
  readonly stack: StackId;
  readonly changes: readonly Change[];
  readonly obstacles: readonly Obstacle[];
}

/** True when applying it would do nothing; what is only kept does not count. */
export function isEmpty(plan: StackPlan): boolean {
  return plan.obstacles.length === 0 && plan.changes.every((change) => change.verb === "keep");
}
