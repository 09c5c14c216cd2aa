import { KINDS } from "../stack/kinds/facts.ts";
import { downFromThenOn, type Impact, NO_DOWNTIME } from "../stack/kinds/kind.ts";
import type { AnyNode, NodeId, Stack } from "../stack/node.ts";
import type { ObservedNode } from "../stack/observation.ts";
import { startWaves } from "../stack/order.ts";
import type { Change, Closing } from "./change.ts";

/** What the rest of the plan is about. */
interface Beside {
  readonly desired: Stack;
  readonly changes: readonly Change[];
  /** What held data, is gone, and is no longer declared. */
  readonly lost?: readonly Pick<AnyNode, "uses">[];
}

/** What is there and no longer wanted: users before what they use, data kept unless everything is to go. */
export function removals(gone: readonly ObservedNode[], closing: Closing, { desired, changes, lost = [] }: Beside): readonly Change[] {
  const byId = new Map(gone.map((node) => [node.declared.id, node]));
  const order = startWaves(gone.map((node) => node.declared))
    .flat()
    .reverse();
  const kept = new Set<NodeId>();
  if (closing === "keep-data") {
    for (const { declared } of gone) if (KINDS[declared.kind].holdsData) keepWithFoundations([declared.id], byId, kept);
    // What is lost may be restored, and is of no use without them either.
    for (const { uses } of lost)
      keepWithFoundations(
        uses.map((edge) => edge.to),
        byId,
        kept,
      );
  }
  if (closing === "hand-over") for (const { declared } of gone.filter(isHandedOver)) kept.add(declared.id);
  const why = reasonOf(desired, closing);
  return order.map((id) => {
    const found = byId.get(id) as ObservedNode;
    const { declared } = found;
    const facts = KINDS[declared.kind];
    const base = { node: id, kind: declared.kind, observed: declared, after: formerUsers(id, gone, changes) };
    if (kept.has(id)) {
      const text = facts.holdsData ? `${why}; holds data` : `${why}; data that is kept needs it`;
      return { ...base, verb: "keep", because: [{ text }], impact: NO_DOWNTIME };
    }
    // Of a suspended one its data and secrets are declared, so that what stops before it is closed can be started as it is.
    const down = desired.suspended === true && facts.runs && found.condition === "stopped" ? ({ down: true } as const) : {};
    return { ...base, ...down, verb: "remove", because: [{ text: why }], impact: removalImpact(found) };
  });
}

/** Why something is there that is not wanted. */
function reasonOf({ nodes, suspended }: Stack, closing: Closing): string {
  if (closing === "hand-over") return "declared under another name";
  if (nodes.length === 0) return "no longer declared";
  return suspended === true ? "suspended" : "not part of it as it is declared now";
}

/** Whoever used it: what goes too, and what is changed so that it uses something else. */
function formerUsers(id: NodeId, gone: readonly ObservedNode[], changes: readonly Change[]): readonly NodeId[] {
  const uses = (node: ObservedNode["declared"] | undefined) => node?.uses.some((edge) => edge.to === id) === true;
  return [
    ...gone.filter((other) => uses(other.declared)).map((other) => other.declared.id),
    ...changes.filter((one) => uses(one.observed)).map((one) => one.node),
  ];
}

/** Taking away what serves closes it for whoever used it, until somebody declares it again. What does not serve closes nobody. */
function removalImpact({ declared, condition }: ObservedNode): Impact {
  const { holdsData, runs, closesWhenGone } = KINDS[declared.kind];
  const closes = closesWhenGone !== undefined && condition === "serving" ? downFromThenOn(closesWhenGone) : undefined;
  if (holdsData) return { ...(closes ?? NO_DOWNTIME), irreversible: true, says: "its data is gone for good" };
  return closes ?? { ...NO_DOWNTIME, says: runs ? "stopped" : "removed" };
}

function isHandedOver({ declared }: ObservedNode): boolean {
  const facts = KINDS[declared.kind];
  return facts.holdsData || facts.handedOver === true;
}

/** Data is of no use without what it stands on: a database keeps its server's secret, never the processes that used it. */
function keepWithFoundations(roots: readonly NodeId[], byId: ReadonlyMap<NodeId, ObservedNode>, kept: Set<NodeId>): void {
  const pending = [...roots];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const found = byId.get(id);
    if (found === undefined || kept.has(id)) continue;
    kept.add(id);
    pending.push(...found.declared.uses.map((edge) => edge.to));
  }
}
