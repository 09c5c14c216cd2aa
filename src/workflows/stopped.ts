import type { Actor } from "../domain/admission/admit.ts";
import { failure, ProblemError } from "../kernel/problem.ts";
import type { Services } from "./services.ts";

export interface Beginner {
  readonly root: string;
  readonly actor: Actor;
}

/** Refuses to go on where the fleet was stopped after this operation had begun: whatever is started now would run unwatched. */
export async function refuseWhereStopped(services: Services, { root, actor }: Beginner): Promise<void> {
  const stop = await services.store.stopInForce();
  if (stop === undefined || (actor.kind !== "reconciler" && !stop.ends.includes(root))) return;
  const by = stop.operation === undefined ? "" : ` by operation ${stop.operation}`;
  throw failure("BAL-W054", root, `left: the fleet was stopped${by} meanwhile`, { hint: "bring it up again: ./ballast up" });
}

/** How often long work looks whether it is still wanted. */
const LOOK_MS = 1000;

/** Does long work that starts nothing, and ends it early once the fleet is stopped. */
export async function unlessStopped<T>(
  services: Services,
  at: Beginner & { readonly signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  await refuseWhereStopped(services, at);
  const stopped = new AbortController();
  // A look that fails says nothing: the one at the end decides.
  const timer = setInterval(() => {
    refuseWhereStopped(services, at).catch((error: unknown) => {
      if (error instanceof ProblemError) stopped.abort(error);
    });
  }, LOOK_MS);
  try {
    const value = await work(AbortSignal.any([at.signal, stopped.signal]));
    await refuseWhereStopped(services, at);
    return value;
  } catch (error) {
    throw stopped.signal.aborted ? stopped.signal.reason : error;
  } finally {
    clearInterval(timer);
  }
}
