import type { Store } from "../../adapters/store/store.ts";
import type { DataRecord } from "../../domain/stack/data-record.ts";
import type { StackId } from "../../domain/stack/node.ts";
import { type Adoptable, type Adoption, adoptionOf } from "../../domain/stack/taken-places.ts";
import type { Vault } from "../../engines/engine.ts";
import { seenFor } from "../../engines/survey.ts";
import { failure } from "../../kernel/problem.ts";
import type { Revision } from "../revisions/revisions.ts";
import { declaredStack } from "./declared-stack.ts";
import type { GivenUp, RecreationParts } from "./recreation.ts";

type Looking = Pick<RecreationParts, "engine" | "memory">;
type Declared = Pick<Revision, "stacks" | "find">;

async function adoptionAt({ engine, memory }: Looking, revision: Pick<Revision, "stacks">, address: StackId): Promise<Adoption> {
  return adoptionOf(await seenFor(engine, declaredStack(revision, address)), memory.records());
}

/** Refuses to adopt where there is nothing to adopt, before anything begins. An operation that has begun has adopted already. */
export async function assertAdoptable(
  parts: Looking & { readonly store: Pick<Store, "operation"> },
  revision: Revision,
  { id, adopt = [] }: { readonly id: string; readonly adopt?: readonly StackId[] | undefined },
): Promise<void> {
  if (adopt.length === 0 || (await parts.store.operation(id)) !== undefined) return;
  for (const address of adopt) {
    const { take, left } = await adoptionAt(parts, revision, address);
    if (take.length > 0) continue;
    const [first] = left;
    if (first !== undefined)
      throw failure("BAL-A053", first.node, `cannot be adopted: ${first.instead.says}`, {
        hint: `copy what is in it, take it away (${first.instead.removal}), and put the copy back under the labels of the one that was lost`,
      });
    throw failure("BAL-A053", address, "nothing of it is other than it was made, as far as can be seen now, so there is nothing to adopt", {
      hint: `see what is known of it: ballast status ${address}; a restored database must be on its server under its name`,
    });
  }
}

/** Takes data that stands in the place of what was made for the stack's own from now on. The ledger says who did. Twice is once. */
export async function adopt(
  parts: RecreationParts & { readonly vault: Vault },
  revision: Declared,
  { actor, operation, stacks = [] }: GivenUp,
): Promise<void> {
  for (const address of stacks) {
    const { take } = await adoptionAt(parts, revision, address);
    if (take.length === 0) continue;
    const found: DataRecord[] = [];
    for (const one of take) found.push(await taken(parts, revision, one));
    const reasons = found.map(({ node, identity }) => `${node} is ${identity ?? "the one that is there"} from now on`);
    const evidence = { operation, once: "adopt", nodes: found.length };
    await parts.store.appendLedger({ actor, act: "data.adopted", subject: address, reasons, evidence }, new Date(parts.now()));
    await parts.memory.change(found, []);
  }
}

/** The record of what is the stack's own from now on; marked first, so that an adoption that is cut off is asked for again. */
async function taken(parts: RecreationParts & { readonly vault: Vault }, revision: Declared, one: Adoptable): Promise<DataRecord> {
  const { identity: _, ...record } = one.record;
  const node = revision.find(record.node);
  const marked = one.told && node !== undefined ? await parts.engine.adopt?.(node, parts.vault) : undefined;
  const identity = marked ?? one.identity;
  return { ...record, ...(identity === undefined ? {} : { identity }) };
}
