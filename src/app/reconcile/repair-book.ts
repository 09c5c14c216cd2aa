import type { Store } from "../../adapters/store/store.ts";
import { recentRestarts } from "../../domain/health/restart.ts";
import type { Drift } from "../../domain/stack/drift.ts";
import type { StackId } from "../../domain/stack/node.ts";
import { type Counts, countOnceMore, NO_COUNTS, restOf, restWords } from "../../domain/stack/repeated-repairs.ts";
import type { Instant } from "../../kernel/instant.ts";

const SETTING = "repairs";
const RESTARTS = "restarts";
const HOUR_MS = 3_600_000;

type Kept = Readonly<Record<StackId, Counts>>;
type KeptRestarts = Readonly<Record<StackId, readonly Instant[]>>;
type BookStore = Pick<Store, "setting" | "setSetting">;

/** What the reconciler put right within a day, and when it restarted what hung within an hour, by stack. Kept in the store, so that a process that starts over goes on counting. */
export interface RepairBook {
  of(stack: StackId): Promise<Counts>;
  /** Writes down that what differs is about to be put right. */
  add(stack: StackId, drift: readonly Drift[], now: Instant): Promise<void>;
  restartsOf(stack: StackId, now: Instant): Promise<readonly Instant[]>;
  /** Writes down that a repair was begun that restarts what hangs. */
  addRestart(stack: StackId, now: Instant): Promise<void>;
}

async function read(store: Pick<Store, "setting">): Promise<Kept> {
  return ((await store.setting<never>(SETTING)) as Kept | undefined) ?? {};
}

async function readRestarts(store: BookStore): Promise<KeptRestarts> {
  return ((await store.setting<never>(RESTARTS)) as KeptRestarts | undefined) ?? {};
}

/** A clock that was put back by a while forgets none. Of one that was wrong by more, none keeps what hangs down until that moment comes. */
function counting(restarts: readonly Instant[] | undefined, now: Instant): readonly Instant[] {
  return recentRestarts(restarts ?? [], now).filter((at) => at - now < HOUR_MS);
}

export function createRepairBook(store: BookStore): RepairBook {
  let last: Promise<unknown> = Promise.resolve();
  /** All stacks are in one place: one after the other, or one of two would be forgotten. */
  async function inTurn(write: () => Promise<void>): Promise<void> {
    const written = last.then(write);
    last = written.catch(() => undefined);
    await written;
  }
  return {
    of: async (stack) => (await read(store))[stack] ?? NO_COUNTS,
    add: (stack, drift, now) =>
      inTurn(async () => {
        const kept = await read(store);
        const next = { ...kept, [stack]: countOnceMore(kept[stack] ?? NO_COUNTS, drift, now) };
        const young = Object.entries(next).map(([id, counts]) => [id, countOnceMore(counts, [], now)] as const);
        await store.setSetting(SETTING, Object.fromEntries(young.filter(([, counts]) => Object.keys(counts).length > 0)) as never);
      }),
    restartsOf: async (stack, now) => counting((await readRestarts(store))[stack], now),
    addRestart: (stack, now) =>
      inTurn(async () => {
        const kept = await readRestarts(store);
        const next = { ...kept, [stack]: [...(kept[stack] ?? []), now] };
        const young = Object.entries(next).map(([id, restarts]) => [id, counting(restarts, now)] as const);
        await store.setSetting(RESTARTS, Object.fromEntries(young.filter(([, restarts]) => restarts.length > 0)) as never);
      }),
  };
}

/** What `status` says of a stack that differs and is left as it is for now. */
export async function restNote(store: Pick<Store, "setting">, at: { stack: StackId; now: Instant }, drift: readonly Drift[]) {
  if (drift.length === 0) return undefined;
  const rest = restOf((await read(store))[at.stack] ?? NO_COUNTS, drift, at.now);
  return rest === undefined ? undefined : restWords(rest);
}
