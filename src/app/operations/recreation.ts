import type { Store } from "../../adapters/store/store.ts";
import { lostIn } from "../../domain/stack/data-record.ts";
import { type NodeId, type StackId, stackOf } from "../../domain/stack/node.ts";
import type { Observation } from "../../domain/stack/observation.ts";
import { takenPlaces } from "../../domain/stack/taken-places.ts";
import type { Engine } from "../../engines/engine.ts";
import { seenFor } from "../../engines/survey.ts";
import { failure, type Problem, ProblemError } from "../../kernel/problem.ts";
import type { WorkflowStore } from "../../workflows/services.ts";
import type { DataMemory } from "../data/data-memory.ts";
import type { Revision } from "../revisions/revisions.ts";
import { declaredStack } from "./declared-stack.ts";

export interface RecreationParts {
  readonly engine: Engine;
  readonly memory: DataMemory;
  readonly store: Pick<WorkflowStore, "appendLedger">;
  readonly now: () => number;
}

/** What is given up, or adopted: who says so, of which stacks, by which operation. */
export interface GivenUp {
  readonly actor: string;
  readonly operation: string;
  readonly stacks: readonly StackId[] | undefined;
}

async function lookAt(engine: Engine, revision: Pick<Revision, "stacks">, address: StackId): Promise<Observation> {
  return await seenFor(engine, declaredStack(revision, address));
}

function lostNodes(seen: Observation): readonly NodeId[] {
  return lostIn(seen).flatMap(({ node }) => {
    const observation = seen.nodes.get(node);
    // What a former name lost is missed under both.
    return observation?.state === "lost" ? [node, observation.declared.id] : [];
  });
}

/** Where something else stands, recreating would take that for what was lost. */
function refuseTaken(seen: readonly Observation[]): void {
  const problems = seen.flatMap(takenPlaces).map(({ node, instead }): Problem => {
    const adopt = instead.adoptable ? `to take it for the stack's own: ballast apply FOLDER --adopt ${stackOf(node)}; ` : "";
    const hint = `${adopt}to recreate it, take it away first: ${instead.removal}`;
    return { code: "BAL-A052", severity: "error", at: node, message: `something else stands there: ${instead.says}`, hint };
  });
  if (problems.length > 0) throw new ProblemError(problems);
}

/**
 * Refuses to give up what is not lost: what is there, or cannot be seen, is never given up, and neither is what has something else in its place. An
 * operation that has begun has given up already.
 */
export async function assertLost(
  { engine, store }: Pick<RecreationParts, "engine"> & { readonly store: Pick<Store, "operation"> },
  revision: Revision,
  { id, recreate = [] }: { readonly id: string; readonly recreate?: readonly StackId[] | undefined },
): Promise<void> {
  if (recreate.length === 0 || (await store.operation(id)) !== undefined) return;
  const looks: Observation[] = [];
  for (const address of recreate) {
    const seen = await lookAt(engine, revision, address);
    looks.push(seen);
    if (lostNodes(seen).length > 0) continue;
    throw failure("BAL-A026", address, "nothing of it is known to be lost, so nothing of it is recreated", {
      hint: `see what is known of it: ballast status ${address}`,
    });
  }
  refuseTaken(looks);
}

/** Gives up, by name, what is lost: from now on it counts as never made. The ledger says who did. Twice is once. */
export async function giveUp(
  parts: RecreationParts,
  revision: Pick<Revision, "stacks">,
  { actor, operation, stacks = [] }: GivenUp,
): Promise<void> {
  const looks = new Map<StackId, Observation>();
  // All are looked at first: once a pool's disk is given up, nobody could say any more what was lost with it.
  for (const address of stacks) looks.set(address, await lookAt(parts.engine, revision, address));
  refuseTaken([...looks.values()]);
  for (const [address, seen] of looks) {
    const nodes = [...new Set(lostNodes(seen))];
    if (nodes.length === 0) continue;
    const records = nodes.flatMap((node) => parts.memory.records().get(node) ?? []);
    const reasons = records.map(({ node, since }) => `${node} held data since ${since}: given up, recreated`);
    const evidence = { operation, once: "give up", nodes: records.length };
    await parts.store.appendLedger({ actor, act: "data.given-up", subject: address, reasons, evidence }, new Date(parts.now()));
    await parts.memory.change([], nodes);
  }
}
