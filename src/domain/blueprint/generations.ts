import type { Instant } from "../../kernel/instant.ts";
import { type AnyNode, type Edge, type NodeId, nameOf, nodeId, type Stack, type StackId, stackOf } from "../stack/node.ts";

/** How often what is secret was rotated. Kept outside the fleet: which value is in force is no desired state of anybody's. */
export interface Generations {
  /** Every secret is at least of this generation: it goes up when all values were lost. */
  readonly floor: number;
  /** Of what was rotated one by one: secrets, certificates, authorities, and databases with the secret that never leaves them. */
  readonly of: Readonly<Record<NodeId, number>>;
}

/** As everything begins. */
export const FIRST_GENERATIONS: Generations = { floor: 1, of: {} };

/** The next generation of each of these. */
export function countedUp({ floor, of }: Generations, targets: readonly NodeId[]): Generations {
  const next = targets.map((id) => [id, Math.max(floor, of[id] ?? 1) + 1] as const);
  return { floor, of: { ...of, ...Object.fromEntries(next) } };
}

/** Seconds are counted from here, so that they fit the store's numbers (31 bits) until 2094. */
const FLOORS_FROM = Date.parse("2026-01-01T00:00:00Z");

/**
 * After all values were lost: every secret is recreated, under a number that none has carried before. Nobody rotates faster than the seconds pass,
 * so the present second is above whatever was counted up since the last loss.
 */
export function raisedFloor({ of }: Generations, now: Instant): Generations {
  return { floor: Math.max(2, Math.floor((now - FLOORS_FROM) / 1000)), of };
}

/** The generation of a node that is wanted; a renamed tenant goes on where its former name stood. */
function generationOf(id: NodeId, { floor, of }: Generations, former: StackId | undefined): number {
  const inherited = former === undefined ? 1 : (of[nodeId(former, nameOf(id))] ?? 1);
  return Math.max(floor, of[id] ?? 1, inherited);
}

/** Gives each secret its generation, and says it on every edge that leads to one: who uses it differs until it knows the new value. */
export function withGenerations(stack: Stack, generations: Generations, formerly: ReadonlyMap<StackId, StackId>): Stack {
  if (generations.floor === 1 && Object.keys(generations.of).length === 0) return stack;
  const wanted: Wanted = {
    kept: (id) => generationOf(id, generations, formerly.get(stackOf(id))),
    inside: (id) => generationOf(id, { ...generations, floor: 1 }, formerly.get(stackOf(id))),
  };
  return {
    ...stack,
    nodes: stack.nodes.map((node) => ({ ...aged(node, wanted), uses: node.uses.map((edge) => agedEdge(edge, wanted)) }) as AnyNode),
  };
}

interface Wanted {
  /** Of what the store keeps. */
  readonly kept: (id: NodeId) => number;
  /** Of what a database keeps, which is not lost when the store is. */
  readonly inside: (id: NodeId) => number;
}

function aged(node: AnyNode, { kept, inside }: Wanted): AnyNode {
  if (node.kind === "database")
    return inside(node.id) === 1 ? node : { ...node, spec: { ...node.spec, secretGeneration: inside(node.id) } };
  const generation = kept(node.id);
  if (generation === 1) return node;
  // A certificate counts up by itself as well while time passes, so the sum names each only once.
  if (node.kind === "certificate") return { ...node, spec: { ...node.spec, generation: node.spec.generation + generation - 1 } };
  if (node.kind === "secret") return { ...node, spec: { ...node.spec, generation } };
  return node.kind === "authority" ? { ...node, spec: { ...node.spec, generation } } : node;
}

/** PostgreSQL learns its superuser's password while it runs, and only Ballast uses it: its rotation restarts nothing. */
const TOLD_LIVE = "superuser-password";

/** Whoever works with a database's data remembers its secret until it restarts. */
function agedEdge(edge: Edge, { kept, inside }: Wanted): Edge {
  const credential = (edge.as === "credential" || edge.as === "trust") && nameOf(edge.to) !== TOLD_LIVE;
  const generation = credential ? kept(edge.to) : edge.as === "data" ? inside(edge.to) : 1;
  return generation === 1 ? edge : { ...edge, generation };
}
