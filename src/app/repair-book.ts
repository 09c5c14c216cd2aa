import type { Store } from "../adapters/store/store.ts";
import type { Drift } from "../domain/stack/drift.ts";
import type { StackId } from "../domain/stack/node.ts";
import { type Counts, countOnceMore, NO_COUNTS, restOf, restWords } from "../domain/stack/repeated-repairs.ts";
import type { Instant } from "../kernel/instant.ts";

const SETTING = "repairs";

type Kept = Readonly<Record<StackId, Counts>>;
type BookStore = Pick<Store, "setting" | "setSetting">;

/** What the reconciler put right within a day, by stack. Kept in the store, so that a process that begins anew goes on counting. */
export interface RepairBook {
  of(stack: StackId): Promise<Counts>;
  /** Writes down that what differs is about to be put right. */
  add(stack: StackId, drift: readonly Drift[], now: Instant): Promise<void>;
}

async function read(store: Pick<Store, "setting">): Promise<Kept> {
  return ((await store.setting<never>(SETTING)) as Kept | undefined) ?? {};
}

export function createRepairBook(store: BookStore): RepairBook {
  let last: Promise<unknown> = Promise.resolve();
  return {
    of: async (stack) => (await read(store))[stack] ?? NO_COUNTS,
    async add(stack, drift, now) {
      // All stacks are in one place: one after the other, or one of two would be forgotten.
      const written = last.then(async () => {
        const kept = await read(store);
        const next = { ...kept, [stack]: countOnceMore(kept[stack] ?? NO_COUNTS, drift, now) };
        const young = Object.entries(next).map(([id, counts]) => [id, countOnceMore(counts, [], now)] as const);
        await store.setSetting(SETTING, Object.fromEntries(young.filter(([, counts]) => Object.keys(counts).length > 0)) as never);
      });
      last = written.catch(() => undefined);
      await written;
    },
  };
}

/** What `status` says of a stack that differs and is left as it is for now. */
export async function restNote(store: Pick<Store, "setting">, at: { stack: StackId; now: Instant }, drift: readonly Drift[]) {
  if (drift.length === 0) return undefined;
  const rest = restOf((await read(store))[at.stack] ?? NO_COUNTS, drift, at.now);
  return rest === undefined ? undefined : restWords(rest);
}
