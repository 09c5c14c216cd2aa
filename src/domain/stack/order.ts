import type { AnyNode, NodeId, StackId } from "./node.ts";
import { stackOf } from "./node.ts";

/** Thrown for a graph that no start order satisfies: a bug of the blueprint, never of the user. */
export class CycleError extends Error {
  constructor(path: readonly string[]) {
    super(`nodes need each other in a circle: ${path.join(" → ")}`);
    this.name = "CycleError";
  }
}

/**
 * Groups keys into waves: each wave needs only earlier ones, and inside a wave order is that of the input.
 * Needs outside the given keys count as met. Linear in keys and needs (Kahn 1962).
 */
export function waves<K extends string>(needs: ReadonlyMap<K, readonly K[]>): readonly (readonly K[])[] {
  const waiting = new Map<K, number>();
  const dependants = new Map<K, K[]>();
  for (const [key, needed] of needs) {
    const inside = [...new Set(needed)].filter((other) => other !== key && needs.has(other));
    waiting.set(key, inside.length);
    for (const other of inside) dependants.set(other, [...(dependants.get(other) ?? []), key]);
  }
  const result: K[][] = [];
  let wave = [...needs.keys()].filter((key) => waiting.get(key) === 0);
  let placed = 0;
  while (wave.length > 0) {
    result.push(wave);
    placed += wave.length;
    const next: K[] = [];
    for (const done of wave) {
      for (const key of dependants.get(done) ?? []) {
        const left = (waiting.get(key) as number) - 1;
        waiting.set(key, left);
        if (left === 0) next.push(key);
      }
    }
    wave = next;
  }
  if (placed < needs.size) throw new CycleError([...needs.keys()].filter((key) => (waiting.get(key) ?? 0) > 0));
  return result;
}

/**
 * The same waves, each key as late as those who need it allow: what is slow and needed late (files to copy) then runs beside
 * what is slow and needed early (a database to clone), instead of before it.
 */
export function lateWaves<K extends string>(needs: ReadonlyMap<K, readonly K[]>): readonly (readonly K[])[] {
  const dependants = new Map<K, K[]>([...needs.keys()].map((key) => [key, []]));
  for (const [key, needed] of needs) for (const other of needed) if (other !== key) dependants.get(other)?.push(key);
  return waves(dependants).toReversed();
}

/** The start order of a stack's nodes, as waves that may start together. Stopping runs it backwards. */
export function startWaves(nodes: readonly Pick<AnyNode, "id" | "uses">[]): readonly (readonly NodeId[])[] {
  return waves(new Map(nodes.map((node) => [node.id, node.uses.map((edge) => edge.to)])));
}

/** The order in which whole stacks come up: the ingress and the pools before those who use them. */
export function stackWaves(
  stacks: readonly { readonly id: StackId; readonly nodes: readonly AnyNode[] }[],
): readonly (readonly StackId[])[] {
  return waves(
    new Map(
      stacks.map((stack) => [
        stack.id,
        stack.nodes.flatMap((node) => node.uses.map((edge) => stackOf(edge.to))).filter((other) => other !== stack.id),
      ]),
    ),
  );
}
