import type { Store } from "../adapters/store/store.ts";
import type { Stack } from "../domain/stack/node.ts";
import type { Wanted } from "./reconcile-stack.ts";
import type { Revisions } from "./revisions.ts";

/** The revision in force, and whether its fleet is meant to run; nothing before the first apply. */
export async function wantedNow(store: Pick<Store, "setting">, revisions: Pick<Revisions, "byHash">): Promise<Wanted | undefined> {
  const hash = (await store.setting<{ hash: string }>("revision"))?.hash;
  if (hash === undefined) return undefined;
  const wish = (await store.setting<{ state: "running" | "stopped" }>("desired"))?.state ?? "running";
  return { revision: await revisions.byHash(hash), wish };
}

/** The stacks that are meant to serve now: none while the fleet is stopped. */
export async function servingStacks(store: Pick<Store, "setting">, revisions: Pick<Revisions, "byHash">): Promise<readonly Stack[]> {
  const wanted = await wantedNow(store, revisions);
  return wanted === undefined || wanted.wish === "stopped" ? [] : [...wanted.revision.stacks.values()];
}
