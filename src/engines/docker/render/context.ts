import type { AnyNode, NodeId, NodeKind, Stack, StackId, StackNode } from "../../../domain/stack/node.ts";
import type { ApplyContext } from "../../engine.ts";
import type { Part } from "./service.ts";

/** What the builders know: all stacks, and a vault that hands out what is secret for files of its own. */
export interface RenderContext extends Pick<ApplyContext, "find" | "vault"> {
  readonly stacks: ReadonlyMap<StackId, Stack>;
}

/** The service of one node. */
export type Builder<K extends NodeKind> = (node: StackNode<K>, context: RenderContext) => Promise<Part>;

/** The nodes of one kind, wherever they are. */
export function nodesOf<K extends NodeKind>({ stacks }: RenderContext, kind: K): readonly StackNode<K>[] {
  const all: readonly AnyNode[] = [...stacks.values()].flatMap((stack) => stack.nodes);
  return all.filter((node) => node.kind === kind) as unknown as readonly StackNode<K>[];
}

/** Nodes that use another one, for whatever it is. */
export function usersOf<K extends NodeKind>(context: RenderContext, kind: K, used: NodeId): readonly StackNode<K>[] {
  return nodesOf(context, kind).filter((node) => node.uses.some((edge) => edge.to === used));
}
