import type { Store } from "../../adapters/store/store.ts";
import type { StackId } from "../../domain/stack/node.ts";

/** Stacks that are no longer declared and not closed yet, each with the revision that declared it last: its calendar holds until it is closed. */
export type Closing = Readonly<Record<StackId, string>>;

/** A revision by its hash, and the stacks that it binds. */
export interface Declared {
  readonly hash: string;
  readonly stacks: ReadonlySet<StackId>;
}

/** The stacks that a revision declares. */
interface Declaring {
  readonly stacks: Pick<ReadonlySet<StackId>, "has">;
}

const KEY = "closing";

export async function closingIn(store: Pick<Store, "setting">): Promise<Closing> {
  return (await store.setting<Closing>(KEY)) ?? {};
}

/** What is to be closed once `after` comes after `before`; what is declared again is not. */
export function closingAfter(closing: Closing, before: Declared | undefined, after: Declaring): Closing {
  const dropped = [...(before?.stacks ?? [])].map((stack) => [stack, before?.hash ?? ""] as const);
  return Object.fromEntries([...Object.entries(closing), ...dropped].filter(([stack]) => !after.stacks.has(stack)));
}

export async function rememberClosing(
  store: Pick<Store, "setting" | "setSetting">,
  before: Declared | undefined,
  after: Declaring,
): Promise<void> {
  await store.setSetting(KEY, closingAfter(await closingIn(store), before, after));
}

/** Under the lock of admission: several stacks end at once, and an apply may drop others meanwhile. */
export async function forgetClosed(store: Pick<Store, "setting" | "admission">, stack: StackId): Promise<void> {
  if ((await closingIn(store))[stack] === undefined) return;
  await store.admission(async (held) => {
    const { [stack]: _, ...others } = await closingIn(held);
    await held.setSetting(KEY, others);
  });
}
