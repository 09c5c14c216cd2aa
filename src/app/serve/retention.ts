import type { Store } from "../../adapters/store/store.ts";
import type { Owner } from "../../domain/admission/take-over.ts";
import { keepSecondsOf } from "../../domain/blueprint/retention.ts";
import type { StackId } from "../../domain/stack/node.ts";
import type { Revision } from "../revisions/revisions.ts";

/** Until when the data of a stack that nobody declares any more is kept; after it, deleting still wants the name. */
export interface Kept {
  readonly since: string;
  readonly until: string;
  /** Whose it was; of a pool nobody's, and missing of what an earlier version wrote down. */
  readonly owner?: Owner;
}

type Settings = Pick<Store, "setting" | "setSetting">;

/** As it is kept; empty of one that is declared again. */
type Written = { since?: string; until?: string; owner?: { name: string; email: string } };

function keyOf(stack: StackId): string {
  return `undeclared ${stack}`;
}

/** Writes down which environments a new revision drops, with the date that the tier of the old one gives; one that is back is kept no longer by date. */
export async function rememberDropped(store: Settings, before: Revision | undefined, after: Revision, now: number): Promise<void> {
  for (const stack of before?.stacks.keys() ?? []) {
    // What was renamed has an heir, and nothing of it is kept by date.
    if (after.stacks.has(stack) || [...after.formerly.values()].includes(stack)) continue;
    const { owner, ...dates } = keptFrom(before as Revision, stack, now);
    await store.setSetting(keyOf(stack), { ...dates, ...(owner === undefined ? {} : { owner: { ...owner } }) });
  }
  for (const stack of after.stacks.keys()) {
    const isBack = before?.stacks.has(stack) !== true;
    if (isBack && (await keptUntil(store, stack)) !== undefined) await store.setSetting(keyOf(stack), {});
  }
}

/** What would be written down if this revision came after that one now. */
export function keptFrom(before: Revision, stack: StackId, now: number): Kept {
  const until = now + keepSecondsOf(before.loaded, stack) * 1000;
  const owner = ownerOf(before, stack);
  return { since: new Date(now).toISOString(), until: new Date(until).toISOString(), ...(owner === undefined ? {} : { owner }) };
}

/** Whose environment it is, as a revision declares it. */
export function ownerOf({ loaded }: Pick<Revision, "loaded">, stack: StackId): Owner | undefined {
  const tenant = loaded.fleet.tenants.find(({ environments }) => environments.some((one) => one.address === stack));
  return tenant === undefined ? undefined : { name: tenant.owner.name, email: tenant.owner.email };
}

export async function keptUntil(store: Pick<Store, "setting">, stack: StackId): Promise<Kept | undefined> {
  const found = await store.setting<Written>(keyOf(stack));
  if (found?.since === undefined || found.until === undefined) return undefined;
  const { since, until, owner } = found;
  return { since, until, ...(owner === undefined ? {} : { owner }) };
}
