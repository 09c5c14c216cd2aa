import type { Store } from "../adapters/store/store.ts";
import { lostIn } from "../domain/stack/data-record.ts";
import type { NodeId, StackId } from "../domain/stack/node.ts";
import type { Engine } from "../engines/engine.ts";
import { failure } from "../kernel/problem.ts";
import type { DataMemory } from "./data-memory.ts";
import type { Revision } from "./revisions.ts";

export interface RecreationParts {
  readonly engine: Engine;
  readonly memory: DataMemory;
  readonly store: Pick<Store, "appendLedger">;
  readonly now: () => number;
}

/** What is given up: who says so, of which stacks, by which operation. */
export interface GivenUp {
  readonly actor: string;
  readonly operation: string;
  readonly stacks: readonly StackId[] | undefined;
}

async function lostOf(engine: Engine, revision: Revision, address: StackId): Promise<readonly NodeId[]> {
  const stack = revision.stacks.get(address);
  if (stack === undefined) throw failure("BAL-A026", address, "is not declared, so nothing of it can be made anew");
  const seen = await engine.observe(stack);
  return lostIn(seen).flatMap(({ node }) => {
    const sight = seen.nodes.get(node);
    // What a former name lost is missed under both.
    return sight?.state === "lost" ? [node, sight.declared.id] : [];
  });
}

/** Refuses to give up what is not lost: what is there, or cannot be seen, is never given up. An operation that has begun has given up already. */
export async function assertLost(
  { engine, store }: Pick<RecreationParts, "engine"> & { readonly store: Pick<Store, "operation"> },
  revision: Revision,
  { id, recreate = [] }: { readonly id: string; readonly recreate?: readonly StackId[] | undefined },
): Promise<void> {
  if (recreate.length === 0 || (await store.operation(id)) !== undefined) return;
  for (const address of recreate) {
    if ((await lostOf(engine, revision, address)).length > 0) continue;
    throw failure("BAL-A026", address, "nothing of it is known to be lost, so nothing of it is made anew", {
      hint: `see what is known of it: ballast status ${address}`,
    });
  }
}

/** Gives up, by name, what is lost: from now on it counts as never made. The ledger says who did. */
export async function giveUp(parts: RecreationParts, revision: Revision, { actor, operation, stacks = [] }: GivenUp): Promise<void> {
  const lost = new Map<StackId, readonly NodeId[]>();
  // All are looked at first: once a pool's disk is given up, nobody could say any more what was lost with it.
  for (const address of stacks) lost.set(address, [...new Set(await lostOf(parts.engine, revision, address))]);
  for (const [address, nodes] of lost) {
    if (nodes.length === 0) continue;
    const records = nodes.flatMap((node) => parts.memory.records().get(node) ?? []);
    const reasons = records.map(({ node, since }) => `${node} held data since ${since}: given up, made anew`);
    const evidence = { operation, nodes: records.length };
    await parts.store.appendLedger({ actor, act: "data.given-up", subject: address, reasons, evidence }, new Date(parts.now()));
    await parts.memory.change([], nodes);
  }
}

/** Takes data that stands in the place of what was made for the stack's own from now on. The ledger says who did. */
export async function adopt(parts: RecreationParts, revision: Revision, { actor, operation, stacks = [] }: GivenUp): Promise<void> {
  for (const address of stacks) {
    const stack = revision.stacks.get(address);
    if (stack === undefined) throw failure("BAL-A026", address, "is not declared, so nothing of it can be adopted");
    const found = [...(await parts.engine.observe(stack)).nodes].flatMap(([node, sight]) => {
      const record = parts.memory.records().get(node);
      const identity = sight.state === "present" ? sight.value.facts["identity"] : undefined;
      return record === undefined || identity === undefined || record.identity === identity
        ? []
        : [{ ...record, identity: String(identity) }];
    });
    if (found.length === 0) continue;
    const reasons = found.map(({ node, identity }) => `${node} is ${identity} from now on`);
    const evidence = { operation, nodes: found.length };
    await parts.store.appendLedger({ actor, act: "data.adopted", subject: address, reasons, evidence }, new Date(parts.now()));
    await parts.memory.change(found, []);
  }
}
