import type { DataRecord, DataRecords } from "./data-record.ts";
import { type NodeId, stackOf } from "./node.ts";
import type { Observation, Stranger } from "./observation.ts";

/** What is to be taken for the stack's own: `told` where the engine must mark it, so that it is told what is the stack's own. */
export interface Adoptable {
  readonly record: DataRecord;
  readonly identity?: string;
  readonly told: boolean;
}

/** What an adoption would do, and what stands in the place of lost data and cannot be taken. */
export interface Adoption {
  readonly take: readonly Adoptable[];
  readonly left: readonly { readonly node: NodeId; readonly instead: Stranger }[];
}

/** What of a stack can be taken for its own, though it is not what was made: what stands in the place of lost data, and data that somebody replaced. */
export function adoptionOf(seen: Observation, records: DataRecords): Adoption {
  const take: Adoptable[] = [];
  const left: { node: NodeId; instead: Stranger }[] = [];
  for (const [node, observation] of seen.nodes) {
    const record = records.get(node);
    if (record === undefined) continue;
    const told = record.kind === "database";
    if (observation.state === "lost" && observation.instead !== undefined) {
      const { instead } = observation;
      if (instead.adoptable) take.push({ record, told, ...(instead.identity === undefined ? {} : { identity: instead.identity }) });
      else left.push({ node, instead });
    }
    if (observation.state !== "present" || (observation.value.edits ?? []).every((edit) => edit.repair !== "report")) continue;
    const identity = observation.value.facts["identity"];
    take.push({ record, told, ...(identity === undefined ? {} : { identity: String(identity) }) });
  }
  return { take, left };
}

/** The code of what held data and is gone. */
export const LOST = "BAL-W026";

/**
 * What somebody can do about lost data, in words.
 * @param fleet how a command names the fleet.
 */
export function remedyOfLoss(node: NodeId, instead: Stranger | undefined, fleet = "FOLDER"): string {
  const stack = stackOf(node);
  if (instead === undefined) {
    return `restore it under its name; or give up what was in it, and have it recreated, empty: ballast apply ${fleet} --recreate ${stack}`;
  }
  const adopt = instead.adoptable ? `where what is there is a restored copy, take it: ballast apply ${fleet} --adopt ${stack}; else ` : "";
  return `${adopt}take it away (${instead.removal}), then restore what was lost, or give it up: ballast apply ${fleet} --recreate ${stack}`;
}

/** What of a stack is lost while something else stands in its place: nothing can be recreated there. */
export function takenPlaces(seen: Observation): readonly { readonly node: NodeId; readonly instead: Stranger }[] {
  return [...seen.nodes].flatMap(([node, observation]) =>
    observation.state === "lost" && observation.instead !== undefined ? [{ node, instead: observation.instead }] : [],
  );
}
