import { randomBytes } from "node:crypto";
import type { Store } from "../adapters/store/store.ts";
import type { Stack, StackId } from "../domain/stack/node.ts";
import type { Observation } from "../domain/stack/observation.ts";
import type { Engine } from "../engines/engine.ts";
import { survey } from "../engines/survey.ts";
import type { Instant } from "../kernel/instant.ts";
import { decide } from "../workflows/converge/decide.ts";
import { type Attempts, isResting } from "../workflows/reconcile/decide.ts";
import { closingIn, forgetClosed } from "./closing.ts";
import type { Executor } from "./executor.ts";
import { beginOwnApply, RECONCILER } from "./own-apply.ts";
import type { Revision } from "./revisions.ts";

export interface CloseParts {
  readonly engine: Engine;
  readonly store: Pick<Store, "setting" | "admission" | "addOperation">;
  readonly executor: Pick<Executor, "apply">;
  readonly now: () => Instant;
}

/**
 * Closes what is no longer declared once its window is open, and lets those who take over its data begin: by an apply of the whole revision, which knows
 * the order.
 */
export function createCloseInWindow({ engine, store, executor, now }: CloseParts) {
  let attempts: Attempts = { failed: 0, lastAt: 0 };
  return async (revision: Revision): Promise<void> => {
    const leaving = Object.keys(await closingIn(store)).filter((stack) => !revision.stacks.has(stack));
    if (leaving.length === 0 || isResting(attempts, now())) return;
    const due: StackId[] = [];
    const seen = await survey(engine, leaving.map(bareStack));
    for (const one of seen) if (await mayClose({ store, now }, revision, one)) due.push(one.stack);
    if (due.length === 0) return;
    const operation = `reconcile-close-${now().toString(36)}-${randomBytes(3).toString("hex")}`;
    const carryOut = await beginOwnApply({ store, executor, now }, { operation, revision: revision.hash });
    let helped = false;
    try {
      const { state } = await carryOut();
      helped = state === "done" || state === "held";
    } finally {
      attempts = { failed: helped ? 0 : attempts.failed + 1, lastAt: now() };
    }
  };
}

/** Nothing of it is wanted any more. */
function bareStack(id: StackId): Stack {
  return { id, role: "environment", nodes: [] };
}

/** Whether something of it is to go and may go now. What has nothing left to close is forgotten; what cannot be seen is neither. */
async function mayClose({ store, now }: Pick<CloseParts, "store" | "now">, revision: Revision, seen: Observation): Promise<boolean> {
  if (seen.unseen !== undefined) return false;
  const { stack } = seen;
  const desired = bareStack(stack);
  const closing = [...revision.formerly.values()].includes(stack) ? "hand-over" : "keep-data";
  const snapshot = await revision.snapshot(stack, now());
  const { waves, held, problems } = decide({ desired, seen, snapshot, now: now() }, { actor: RECONCILER, closing });
  if (waves.length === 0 && held.length === 0 && problems.length === 0) await forgetClosed(store, stack);
  return waves.length > 0;
}
