import type { Change } from "../../../domain/plan/change.ts";
import type { AnyNode, NodeKind, StackNode } from "../../../domain/stack/node.ts";
import type { Applied, ApplyContext } from "../../engine.ts";
import type { Scope } from "../scope.ts";

export interface Realised {
  readonly did: Applied["did"];
  readonly facts?: Applied["facts"];
}

/** How one kind of node becomes real on Docker, and how it goes. Both idempotent. */
export interface DockerKind<K extends NodeKind> {
  realise(scope: Scope, node: StackNode<K>, work: { readonly change: Change; readonly context: ApplyContext }): Promise<Realised>;
  remove(scope: Scope, node: Pick<AnyNode, "id" | "kind" | "spec" | "uses">): Promise<void>;
}

/** `true` when something was made or changed. */
export function didCreate(wrote: boolean, change: Change): Realised {
  if (!wrote) return { did: "nothing" };
  return { did: change.verb === "create" ? "created" : "updated" };
}
