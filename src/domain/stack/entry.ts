import type { AnyNode, NodeKind, Stack, StackNode } from "./node.ts";
import type { Observation } from "./observation.ts";

/** The part of a node as it is in force: as it was applied last, or as it is declared where nothing is there. A change of it may wait. */
export function specInForce<K extends NodeKind>(
  { kind, spec }: Pick<StackNode<K>, "kind" | "spec">,
  present: Pick<AnyNode, "kind" | "spec"> | undefined,
): StackNode<K>["spec"] {
  return present?.kind === kind ? (present.spec as StackNode<K>["spec"]) : spec;
}

/** The same of a node that was looked at. */
export function seenInForce<K extends NodeKind>(node: StackNode<K>, { nodes }: Pick<Observation, "nodes">): StackNode<K>["spec"] {
  const seen = nodes.get(node.id);
  return specInForce(node, seen?.state === "present" ? seen.value.declared : undefined);
}

/**
 * The host under which people come now: the first that is declared, or the first that was, where that is not in force yet.
 * @param present how the route is declared that is there; undefined where none is.
 */
export function hostThatLeads(route: StackNode<"route">, present: Pick<AnyNode, "kind" | "spec"> | undefined): string | undefined {
  const [wanted] = route.spec.hosts;
  const { hosts } = specInForce(route, present);
  return hosts.length === 0 || (wanted !== undefined && hosts.includes(wanted)) ? wanted : hosts[0];
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
