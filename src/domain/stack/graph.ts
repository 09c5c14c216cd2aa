import type { EdgePurpose } from "./edge.ts";
import { nameOf, type Stack, type StackId, stackOf } from "./node.ts";

/** Something that depends, or is depended on: a whole stack, or one node. */
export interface GraphNode {
  readonly id: string;
  /** The role of a stack, the kind of a node; `unknown` of a node that no stack has. */
  readonly kind: string;
  /** The stack that a node is part of; missing of stacks. */
  readonly stack?: StackId;
  readonly name: string;
}

/** What one needs of another, and what for. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly as: readonly EdgePurpose[];
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

type Stacks = ReadonlyMap<StackId, Stack>;

/** Which stack needs which. In order of names, so that two maps differ only where the fleet does. */
export function graphOfStacks(stacks: Stacks): Graph {
  const all = [...stacks.values()];
  const uses = all
    .flatMap((stack) => stack.nodes)
    .flatMap((node) => node.uses.map((edge) => ({ from: stackOf(node.id), to: stackOf(edge.to), as: edge.as })))
    .filter((edge) => edge.from !== edge.to);
  return sorted({ nodes: all.map(({ id, role }) => ({ id, kind: role, name: id })), edges: merged(uses) });
}

/** Which node of a stack needs which, those of other stacks that it uses among them. */
export function graphOfStack(stack: Stack, stacks: Stacks): Graph {
  const uses = stack.nodes.flatMap((node) => node.uses.map((edge) => ({ from: node.id, to: edge.to, as: edge.as })));
  const ids = new Set([...stack.nodes.map((node) => node.id), ...uses.map((edge) => edge.to)]);
  const nodes = [...ids].map((id) => {
    const home = stackOf(id);
    const kind = stacks.get(home)?.nodes.find((node) => node.id === id)?.kind ?? "unknown";
    return { id, kind, stack: home, name: nameOf(id) };
  });
  return sorted({ nodes, edges: merged(uses) });
}

function merged(uses: readonly { readonly from: string; readonly to: string; readonly as: EdgePurpose }[]): GraphEdge[] {
  const edges = new Map<string, GraphEdge>();
  for (const { from, to, as } of uses) {
    const purposes = edges.get(`${from} ${to}`)?.as ?? [];
    edges.set(`${from} ${to}`, { from, to, as: [...new Set([...purposes, as])].sort() });
  }
  return [...edges.values()];
}

function sorted({ nodes, edges }: Graph): Graph {
  return {
    nodes: nodes.toSorted((a, b) => order(a.id, b.id)),
    edges: edges.toSorted((a, b) => order(a.from, b.from) || order(a.to, b.to)),
  };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
