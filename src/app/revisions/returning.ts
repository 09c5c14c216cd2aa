import type { Store } from "../../adapters/store/store.ts";
import type { PlannedStack } from "../../api/contract/contract.ts";
import { type TakenUp, takesUp } from "../../domain/admission/take-over.ts";
import { KINDS } from "../../domain/stack/kinds/facts.ts";
import type { StackId } from "../../domain/stack/node.ts";
import type { ObservedNode, Seen } from "../../domain/stack/observation.ts";
import type { Engine } from "../../engines/engine.ts";
import { survey } from "../../engines/survey.ts";
import { keptUntil, ownerOf } from "../serve/retention.ts";
import { type InForce, revisionIn } from "./in-force.ts";
import type { Revision } from "./revisions.ts";

export interface ReturningParts {
  readonly engine: Engine;
  readonly store: Pick<Store, "setting">;
}

interface Change {
  readonly before: InForce;
  readonly after: Revision;
}

/** The environments that these files declare again after nobody did, and whose data is still here. */
export async function takenUp(parts: ReturningParts, change: Change): Promise<readonly TakenUp[]> {
  const { before, after } = change;
  const declared = revisionIn(before)?.stacks;
  const found: TakenUp[] = [];
  for (const address of after.stacks.keys()) {
    const owner = ownerOf(after, address);
    // What takes over the data of another name is a rename, which has questions of its own.
    if (owner === undefined || declared?.has(address) === true || after.formerly.has(address)) continue;
    const kept = await keptUntil(parts.store, address);
    // What was declared before is unknown where nothing is in force, or where that cannot be read.
    if (kept === undefined && declared === undefined) continue;
    const former = kept?.owner === undefined ? {} : { formerOwner: kept.owner };
    found.push({ address, owner, ...(kept === undefined ? {} : { since: kept.since }), ...former });
  }
  const holding = await withData(
    parts.engine,
    found.map(({ address }) => address),
  );
  return found.filter(({ address }) => holding.has(address));
}

/** Of each environment that is not new though something of it may be made: why its data is there. */
export async function returning(
  parts: ReturningParts,
  change: Change,
  taken: readonly TakenUp[],
): Promise<ReadonlyMap<StackId, NonNullable<PlannedStack["returns"]>>> {
  const before = revisionIn(change.before)?.stacks;
  const resumed = [...change.after.stacks.values()].filter(
    ({ id, suspended }) => suspended !== true && before?.get(id)?.suspended === true,
  );
  const holding = await withData(
    parts.engine,
    resumed.map(({ id }) => id),
  );
  type Returns = NonNullable<PlannedStack["returns"]>;
  return new Map<StackId, Returns>([
    ...[...holding].map((id) => [id, { how: "resumed", says: "resumed, with its data" }] as [StackId, Returns]),
    ...taken.map(
      (one) => [one.address, { how: "declared again", says: `declared again, with its data: ${takesUp(one)}` }] as [StackId, Returns],
    ),
  ]);
}

/** Those of which data is here. What cannot be seen is taken to be: something of it is here, so a look that shows nothing did not succeed. */
async function withData(engine: Engine, asked: readonly StackId[]): Promise<ReadonlySet<StackId>> {
  if (asked.length === 0) return new Set();
  const here = await engine.stacks().catch(() => undefined);
  if (here === undefined) return new Set(asked);
  const seen = await survey(
    engine,
    asked.filter((id) => here.includes(id)).map((id) => ({ id, role: "environment", nodes: [] })),
  );
  return new Set(seen.filter(({ nodes }) => nodes.size === 0 || [...nodes.values()].some(mayHoldData)).map(({ stack }) => stack));
}

function mayHoldData(observation: Seen<ObservedNode>): boolean {
  return observation.state === "unknown" || (observation.state === "present" && KINDS[observation.value.declared.kind].holdsData);
}
