import type { Store } from "../../adapters/store/store.ts";
import type { Stack } from "../../domain/stack/node.ts";
import type { Wanted } from "../reconcile/reconcile-stack.ts";
import type { Revisions } from "./revisions.ts";

/** The revision in force, and whether its fleet is meant to run; nothing before the first apply. */
export async function wantedNow(
  store: Pick<Store, "revisionInForce" | "desired">,
  revisions: Pick<Revisions, "byHash">,
): Promise<Wanted | undefined> {
  const hash = await store.revisionInForce();
  if (hash === undefined) return undefined;
  return { revision: await revisions.byHash(hash), desired: await store.desired() };
}

/** The stacks that are meant to serve now: none while the fleet is stopped. */
export async function servingStacks(
  store: Pick<Store, "revisionInForce" | "desired">,
  revisions: Pick<Revisions, "byHash">,
): Promise<readonly Stack[]> {
  const wanted = await wantedNow(store, revisions);
  return wanted === undefined || wanted.desired === "stopped" ? [] : [...wanted.revision.stacks.values()];
}
