import { randomBytes } from "node:crypto";
import type { Store } from "../../adapters/store/store.ts";
import type { Stack, StackId } from "../../domain/stack/node.ts";
import type { Observation } from "../../domain/stack/observation.ts";
import type { Engine } from "../../engines/engine.ts";
import { survey } from "../../engines/survey.ts";
import type { Instant } from "../../kernel/instant.ts";
import { decide } from "../../workflows/converge/decide.ts";
import { stoppedIn } from "../../workflows/converge/former.ts";
import { type Attempts, isResting } from "../../workflows/reconcile/decide.ts";
import { beginOwnApply, RECONCILER } from "../reconcile/own-apply.ts";
import type { Executor } from "../serve/executor.ts";
import { closingIn, forgetClosed } from "./closing.ts";
import type { Revision } from "./revisions.ts";

export interface CloseParts {
  readonly engine: Engine;
  readonly store: Pick<Store, "setting" | "admission" | "addOperation">;
  readonly executor: Pick<Executor, "apply" | "converge">;
  readonly now: () => Instant;
}

/**
 * Closes what is no longer declared once its window is open, and lets those who take over its data begin: by an apply of the whole revision, which knows
 * the order. Until then it serves: a process of it that stops is started again, as the revision says that declared it last.
 */
export function createCloseInWindow({ engine, store, executor, now }: CloseParts) {
  let attempts: Attempts = { failed: 0, lastAt: 0 };
  const keeping = new Map<StackId, Attempts>();
  async function keepUp(seen: Observation, lastDeclared: string | undefined): Promise<void> {
    const { stack } = seen;
    const stopped = stoppedIn(seen);
    const tries = keeping.get(stack) ?? { failed: 0, lastAt: 0 };
    if (stopped.length === 0) keeping.delete(stack);
    if (stopped.length === 0 || lastDeclared === undefined || isResting(tries, now())) return;
    const operation = `reconcile-keep-${now().toString(36)}-${randomBytes(3).toString("hex")}`;
    let helped = false;
    try {
      const ended = await executor.converge({
        operation,
        root: operation,
        revision: lastDeclared,
        stack,
        wanted: "declared",
        keeps: true,
        closing: "keep-data",
        actor: RECONCILER,
        because: `repair: ${stopped.join(" and ")} stopped, and it serves until it is closed`,
      });
      helped = (await ended()).state === "done";
    } finally {
      keeping.set(stack, { failed: helped ? 0 : tries.failed + 1, lastAt: now() });
    }
  }
  return async (revision: Revision): Promise<void> => {
    const closing = await closingIn(store);
    const leaving = Object.keys(closing).filter((stack) => !revision.stacks.has(stack));
    if (leaving.length === 0) return;
    const due: StackId[] = [];
    const seen = await survey(engine, leaving.map(bareStack));
    for (const one of seen) {
      if (await mayClose({ store, now }, revision, one)) due.push(one.stack);
      else await keepUp(one, closing[one.stack]);
    }
    if (due.length === 0 || isResting(attempts, now())) return;
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
