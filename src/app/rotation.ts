import type { Store } from "../adapters/store/store.ts";
import { FIRST_GENERATIONS, type Generations } from "../domain/blueprint/generations.ts";
import type { NodeId } from "../domain/stack/node.ts";
import { disturbedBy, type RotationWish, rotated } from "../domain/stack/rotation.ts";
import type { Instant } from "../kernel/instant.ts";
import { failure, ProblemError } from "../kernel/problem.ts";
import type { Revision } from "./revisions.ts";

const KEY = "generations";

interface Kept extends Generations {
  /** The operation that counted last, so that asking for it twice counts once. */
  readonly by?: string;
}

type Shelf = Pick<Store, "setting" | "setSetting">;

/** How often what is secret was rotated, as the store says. */
export async function generationsIn(store: Pick<Store, "setting">): Promise<Generations> {
  return (await store.setting<Kept & Record<string, never>>(KEY)) ?? FIRST_GENERATIONS;
}

/**
 * The nodes of a revision to rotate. Refused outside the window unless somebody takes the responsibility: a rotation that waits would keep
 * everything beside it from being mended with the values that are in force.
 */
export function rotationTargets(
  revision: Revision,
  wish: RotationWish & { readonly override?: { readonly reason: string } },
  now: Instant,
): readonly NodeId[] {
  const stacks = [...revision.stacks.values()];
  const targets = rotated(stacks, wish);
  if (!targets.ok) throw new ProblemError(targets.problems);
  if (wish.override !== undefined) return targets.value;
  for (const stack of disturbedBy(stacks, targets.value)) {
    const { protectedByCalendar, window } = revision.snapshot(stack, now);
    if (!protectedByCalendar || window === undefined || window.admitsDisruption) continue;
    const opens = window.nextOpenText === undefined ? "" : `; it opens ${window.nextOpenText}`;
    throw failure(
      "BAL-A008",
      stack,
      `rotating restarts what people work with, and the window is closed (${window.because.join("; ")})${opens}`,
      {
        hint: "rotate inside the window, or with --now --reason TEXT",
      },
    );
  }
  return targets.value;
}

/** Counts the generation of each node up by one, once an operation. */
export async function countUp(store: Shelf, operation: string, targets: readonly NodeId[]): Promise<void> {
  const kept = await store.setting<Kept & Record<string, never>>(KEY);
  if (kept?.by === operation) return;
  const { floor, of } = kept ?? FIRST_GENERATIONS;
  const next = Object.fromEntries(targets.map((id) => [id, Math.max(floor, of[id] ?? 1) + 1]));
  await store.setSetting(KEY, { floor, of: { ...of, ...next }, by: operation });
}

/** Seconds are counted from here, so that they fit the store's numbers for longer than anybody here will care. */
const FLOORS_FROM = Date.parse("2026-01-01T00:00:00Z");

/**
 * After all values were lost: every secret is made anew, under a number that none has carried before. Nobody rotates faster than the seconds pass,
 * so the present second is above whatever was counted up since the last loss.
 */
export async function raiseFloor(store: Shelf, now: Instant): Promise<void> {
  const { of } = await generationsIn(store);
  await store.setSetting(KEY, { floor: Math.max(2, Math.floor((now - FLOORS_FROM) / 1000)), of: { ...of } });
}
