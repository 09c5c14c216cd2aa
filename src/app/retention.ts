import type { Store } from "../adapters/store/store.ts";
import { keepSecondsOf } from "../domain/blueprint/retention.ts";
import type { StackId } from "../domain/stack/node.ts";
import type { Revision } from "./revisions.ts";

/** Until when the data of a stack that nobody declares any more is kept; after it, deleting still wants the name. */
export interface Kept {
  readonly since: string;
  readonly until: string;
}

type Shelf = Pick<Store, "setting" | "setSetting">;

function keyOf(stack: StackId): string {
  return `undeclared ${stack}`;
}

/** Writes down which environments a new revision drops, with the date that the tier of the old one gives; one that is back is kept no longer by date. */
export async function rememberDropped(store: Shelf, before: Revision | undefined, after: Revision, now: number): Promise<void> {
  for (const stack of before?.stacks.keys() ?? []) {
    // What was renamed has an heir, and nothing of it is kept by date.
    if (after.stacks.has(stack) || [...after.formerly.values()].includes(stack)) continue;
    await store.setSetting(keyOf(stack), keptFrom(before as Revision, stack, now));
  }
  for (const stack of after.stacks.keys()) {
    const isBack = before?.stacks.has(stack) !== true;
    if (isBack && (await keptUntil(store, stack)) !== undefined) await store.setSetting(keyOf(stack), {});
  }
}

/** What would be written down if this revision came after that one now. */
export function keptFrom(before: Revision, stack: StackId, now: number): { since: string; until: string } {
  const until = now + keepSecondsOf(before.loaded, stack) * 1000;
  return { since: new Date(now).toISOString(), until: new Date(until).toISOString() };
}

export async function keptUntil(store: Pick<Store, "setting">, stack: StackId): Promise<Kept | undefined> {
  const found = await store.setting<{ since?: string; until?: string }>(keyOf(stack));
  return found?.since === undefined || found.until === undefined ? undefined : { since: found.since, until: found.until };
}
