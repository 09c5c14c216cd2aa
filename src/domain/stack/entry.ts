import type { Stack, StackNode } from "./node.ts";

/** The ingress that leads to a stack; undefined where none does, as to a pool or a suspended environment. */
export function entryOf(stack: Stack, stacks: readonly Stack[]): StackNode<"ingress"> | undefined {
  const uses = new Set(stack.nodes.filter((node) => node.kind === "route").flatMap((node) => node.uses.map((edge) => edge.to)));
  if (uses.size === 0) return undefined;
  for (const one of stacks) {
    const found = one.nodes.find((node) => node.kind === "ingress" && uses.has(node.id));
    if (found !== undefined) return found as StackNode<"ingress">;
  }
  return undefined;
}
