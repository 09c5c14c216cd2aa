import { KINDS } from "../stack/kinds/facts.ts";
import type { NodeId, Stack } from "../stack/node.ts";
import type { Observation } from "../stack/observation.ts";
import type { Change, Obstacle } from "./change.ts";

/** What holds data and must not be touched or recreated: it is gone, or something else stands in its place. */
export function losses(desired: Stack, seen: Observation): readonly Obstacle[] {
  return desired.nodes.flatMap(({ id }): Obstacle[] => {
    const observation = seen.nodes.get(id);
    if (observation?.state !== "lost") return [];
    return [
      {
        node: id,
        kind: "lost",
        because: observation.because,
        ...(observation.instead === undefined ? {} : { instead: observation.instead }),
      },
    ];
  });
}

/**
 * Leaves out of a plan what would hide a loss: nothing that stands on what is lost is made or started, and no other data of the same stack is made,
 * since an empty filestore beside a database, or the other way round, would look like a tenant that is whole.
 */
export function withoutHiding(desired: Stack, changes: readonly Change[], lost: readonly Obstacle[]): readonly Change[] {
  if (lost.length === 0) return changes;
  const waiting = standingOn(
    desired,
    lost.map((one) => one.node),
  );
  return changes.filter(({ node, kind, verb }) => {
    if (verb === "remove" || verb === "keep") return true;
    return !waiting.has(node) && !(verb === "create" && KINDS[kind].holdsData);
  });
}

/** Everything that stands, directly or by way of others, on one of these nodes; they themselves as well. */
export function standingOn(stack: Stack, roots: readonly NodeId[]): ReadonlySet<NodeId> {
  const found = new Set(roots);
  for (let grew = roots.length > 0; grew; ) {
    grew = false;
    for (const node of stack.nodes) {
      if (found.has(node.id) || !node.uses.some((edge) => found.has(edge.to))) continue;
      found.add(node.id);
      grew = true;
    }
  }
  return found;
}
