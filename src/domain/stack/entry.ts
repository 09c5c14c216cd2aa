import type { RouteSpec } from "./kinds/route.ts";
import type { AnyNode, Stack, StackNode } from "./node.ts";

/**
 * The host under which people come now: the first that is declared, or the first that was, where that is not in force yet.
 * @param present how the route is declared that is there; undefined where none is.
 */
export function hostThatLeads(route: StackNode<"route">, present: Pick<AnyNode, "kind" | "spec"> | undefined): string | undefined {
  const [wanted] = route.spec.hosts;
  const inForce = present?.kind === "route" ? (present.spec as RouteSpec).hosts : [];
  return inForce.length === 0 || (wanted !== undefined && inForce.includes(wanted)) ? wanted : inForce[0];
}

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
