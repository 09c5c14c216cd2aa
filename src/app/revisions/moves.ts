import type { Store } from "../../adapters/store/store.ts";
import type { LoadedFleet } from "../../domain/fleet/model.ts";
import { type Move, type MoveProblem, moveProblems, movesOf, type Placement, placementsIn, serversOfData } from "../../domain/plan/move.ts";
import { isRemembered } from "../../domain/stack/data-record.ts";
import type { Stack, StackId } from "../../domain/stack/node.ts";
import type { Engine } from "../../engines/engine.ts";
import { survey } from "../../engines/survey.ts";
import { ProblemError } from "../../kernel/problem.ts";
import type { DataMemory } from "../data/data-memory.ts";
import { closingIn } from "./closing.ts";
import { type InForce, revisionIn } from "./in-force.ts";
import type { Revision, Revisions } from "./revisions.ts";

export interface MoveParts {
  readonly engine: Engine;
  readonly memory: Pick<DataMemory, "records">;
  readonly store: Pick<Store, "setting">;
  readonly revisions: Pick<Revisions, "byHash">;
}

/** A revision that has come between: what is declared, and what it declared last of what is still to be closed. */
export interface Succession {
  readonly before: InForce;
  readonly after: Pick<Revision, "loaded" | "stacks">;
}

/** Which environments with data the new files declare elsewhere than where they are. */
export async function moveFindings(parts: MoveParts, { before, after }: Succession): Promise<readonly MoveProblem[]> {
  const formers = await formerStacks(parts, before);
  const data = serversOfData(parts.memory.records());
  const declared = [...formers.values()].map(({ placement }) => placement);
  const moves = movesOf({ declared, data }, placementsIn(after.loaded.fleet));
  const withData = await dataOf(
    parts.engine,
    moves.filter(({ held }) => !data.has(held)).flatMap(({ held }) => formers.get(held)?.stack ?? []),
  );
  const real = moves.filter(({ held }: Move) => data.has(held) || withData.has(held));
  return moveProblems(real, (address, field) => placeOf(after.loaded, address, field));
}

/** Refuses files that would move what cannot be moved; nothing of them has come into force then. */
export async function assertNoMoves(parts: MoveParts, succession: Succession): Promise<void> {
  const problems = await moveFindings(parts, succession);
  if (problems.length > 0) throw new ProblemError(problems);
}

interface Former {
  readonly placement: Placement;
  readonly stack: Stack;
}

/** Every environment that is in force, and those that are to be closed as they were declared last. */
async function formerStacks({ store, revisions }: MoveParts, inForce: InForce): Promise<ReadonlyMap<StackId, Former>> {
  const formers = new Map<StackId, Former>();
  const note = (revision: Revision | undefined, wanted: (address: StackId) => boolean) => {
    for (const placement of revision === undefined ? [] : placementsIn(revision.loaded.fleet)) {
      const stack = revision?.stacks.get(placement.address);
      if (stack !== undefined && wanted(placement.address)) formers.set(placement.address, { placement, stack });
    }
  };
  const closing = await closingIn(store);
  // One that cannot be read says nothing: where its data lies is remembered all the same.
  for (const hash of new Set(Object.values(closing))) {
    const revision = await revisions.byHash(hash).catch(() => undefined);
    note(revision, (address) => closing[address] === hash);
  }
  note(revisionIn(inForce), () => true);
  return formers;
}

/** The stacks of which data is there, or of which it cannot be determined; asked as they were declared. */
async function dataOf(engine: Engine, stacks: readonly Stack[]): Promise<ReadonlySet<StackId>> {
  if (stacks.length === 0) return new Set();
  const seen = await survey(engine, stacks);
  return new Set(
    stacks.flatMap((stack, index) => {
      const data = stack.nodes.filter((node) => isRemembered(node, stack.nodes));
      return data.some(({ id }) => (seen[index]?.nodes.get(id)?.state ?? "absent") !== "absent") ? [stack.id] : [];
    }),
  );
}

/** Where a field is declared; what comes from the pool is declared there. */
function placeOf(loaded: LoadedFleet, address: StackId, field: string): string {
  const source = loaded.sourceOf(address, field);
  if (source?.kind === "file") return source.at;
  return loaded.placeOf(source?.kind === "pool" ? `pool/${source.pool}` : address);
}
