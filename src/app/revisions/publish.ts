import type { Store } from "../../adapters/store/store.ts";

/**
 * Leaves what people, and other fleets of the machine, read of a revision: of the one in force alone, and of none while the fleet is being deleted or is
 * gone. What was begun before may end after what followed it; it would bring back what was declared then, and make again secrets that were forgotten. One at
 * a time, so that the revision that came last is the last to be written.
 */
export function publishing(
  store: Pick<Store, "revisionInForce" | "deletion">,
  write: (revision: string) => Promise<void>,
): (revision: string) => Promise<void> {
  let turn: Promise<unknown> = Promise.resolve();
  async function publish(revision: string): Promise<void> {
    if ((await store.revisionInForce()) !== revision || (await store.deletion()) !== undefined) return;
    await write(revision);
  }
  return async (revision) => {
    const own = turn.then(() => publish(revision));
    turn = own.catch(() => undefined);
    await own;
  };
}
