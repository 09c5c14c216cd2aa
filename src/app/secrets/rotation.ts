import type { Store } from "../../adapters/store/store.ts";
import { refusedRotation } from "../../domain/admission/rotation.ts";
import { countedUp, FIRST_GENERATIONS, type Generations, raisedFloor } from "../../domain/blueprint/generations.ts";
import type { NodeId } from "../../domain/stack/node.ts";
import { disturbedBy, type RotationRequest, rotated } from "../../domain/stack/rotation.ts";
import type { Instant } from "../../kernel/instant.ts";
import { ProblemError } from "../../kernel/problem.ts";
import type { Revision } from "../revisions/revisions.ts";

const KEY = "generations";

interface Kept extends Generations {
  /** The operation that counted last, of an earlier version. */
  readonly by?: string;
  /** The operations that have counted, the latest last. */
  readonly counted?: readonly string[];
}

/** More than run at once or are taken up again. */
const REMEMBERED = 50;

/** How often what is secret was rotated, as the store says. */
export async function generationsIn(store: Pick<Store, "setting">): Promise<Generations> {
  return (await store.setting<Kept & Record<string, never>>(KEY)) ?? FIRST_GENERATIONS;
}

/** The nodes of a revision to rotate. Refused outside the window unless somebody takes the responsibility. */
export async function rotationTargets(
  revision: Revision,
  desired: RotationRequest & { readonly override?: { readonly reason: string } },
  now: Instant,
): Promise<readonly NodeId[]> {
  const stacks = [...revision.stacks.values()];
  const targets = rotated(stacks, desired);
  if (!targets.ok) throw new ProblemError(targets.problems);
  if (desired.override !== undefined) return targets.value;
  const disturbed = disturbedBy(stacks, targets.value);
  const snapshots = new Map(await Promise.all(disturbed.map(async (stack) => [stack, await revision.snapshot(stack, now)] as const)));
  const refused = refusedRotation(disturbed, (stack) => snapshots.get(stack) ?? { protectedByCalendar: false });
  if (refused.length > 0) throw new ProblemError(refused);
  return targets.value;
}

/** Whether an operation has counted already: asked for twice, it counts once. */
export async function hasCounted(store: Pick<Store, "setting">, operation: string): Promise<boolean> {
  return (await countedIn(store)).includes(operation);
}

async function countedIn(store: Pick<Store, "setting">): Promise<readonly string[]> {
  const kept = await store.setting<Kept & Record<string, never>>(KEY);
  return kept?.counted ?? (kept?.by === undefined ? [] : [kept.by]);
}

/** Counts the generation of each node up by one, once for each operation. Under the lock of admission: two that count at once both do. */
export async function countUp(store: Pick<Store, "admission">, operation: string, targets: readonly NodeId[]): Promise<void> {
  await store.admission(async (held) => {
    const counted = await countedIn(held);
    if (counted.includes(operation)) return;
    const { floor, of } = countedUp(await generationsIn(held), targets);
    await held.setSetting(KEY, { floor, of: { ...of }, counted: [...counted, operation].slice(-REMEMBERED) });
  });
}

/** After all values were lost. */
export async function raiseFloor(store: Pick<Store, "admission">, now: Instant): Promise<void> {
  await store.admission(async (held) => {
    const { floor, of } = raisedFloor(await generationsIn(held), now);
    await held.setSetting(KEY, { floor, of: { ...of }, counted: [...(await countedIn(held))] });
  });
}
