import type { Store } from "../../adapters/store/store.ts";
import type { Instant } from "../../kernel/instant.ts";
import { endAbandoned } from "../operations/abandoned.ts";
import { closingIn } from "../revisions/closing.ts";
import type { Executor } from "./executor.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Operations are what people look back at; the ledger keeps what was decided for good. */
const OPERATIONS = { days: 90, newest: 1000, newestOfReconciler: 300 };
/** The recorded steps of a workflow serve its resumption. Once it has ended they are only of use to somebody who asks the same at once. */
const WORKFLOWS = { minutes: 60, newest: 200 };
const REVISION_DAYS = 1;
const BATCH = 100;
/** So that one sweep has an end, whatever it finds. */
const MOST_BATCHES = 50;
const EVERY_MS = 10 * MINUTE;
/** A process that never lives for long must sweep as well. */
const FIRST_MS = 15_000;

export interface HousekeepingParts {
  readonly store: Pick<
    Store,
    | "pastOperations"
    | "pastWorkflows"
    | "forgetOperations"
    | "forgetRevisions"
    | "forgetFormerSecrets"
    | "revisionInForce"
    | "setting"
    | "work"
    | "endOperation"
    | "releaseEndedLeases"
    | "admission"
  >;
  readonly executor: Pick<Executor, "forget" | "standing">;
  readonly now: () => Instant;
}

/** Ends what has ended unseen, and forgets what is past in the store: operations beyond their bound, steps of ended workflows, secrets that were rotated, fleet texts that nothing kept speaks of. */
export async function sweepStore({ store, executor, now }: HousekeepingParts): Promise<void> {
  await endAbandoned({ store, executor }, now());
  const workflows = { endedBefore: new Date(now() - WORKFLOWS.minutes * MINUTE), newest: WORKFLOWS.newest };
  await inBatches(
    () => store.pastWorkflows(workflows, BATCH),
    (ids) => executor.forget(ids),
  );
  const operations = {
    endedBefore: new Date(now() - OPERATIONS.days * DAY),
    newest: OPERATIONS.newest,
    newestOfReconciler: OPERATIONS.newestOfReconciler,
  };
  await inBatches(
    () => store.pastOperations(operations, BATCH),
    (ids) => store.forgetOperations(ids),
  );
  await store.forgetFormerSecrets();
  const inForce = await store.revisionInForce();
  const calendars = Object.values(await closingIn(store));
  await store.forgetRevisions([...(inForce === undefined ? [] : [inForce]), ...calendars], new Date(now() - REVISION_DAYS * DAY));
}

async function inBatches(find: () => Promise<readonly string[]>, forget: (ids: readonly string[]) => Promise<void>): Promise<void> {
  for (let batch = 0; batch < MOST_BATCHES; batch++) {
    const ids = await find();
    if (ids.length === 0) return;
    await forget(ids);
  }
}

/**
 * Sweeps from time to time, for as long as this process serves.
 * @param beside what is swept beside the store.
 */
export function startHousekeeping(
  parts: HousekeepingParts,
  beside: () => Promise<void>,
  fault: (error: unknown) => void,
): { stop(): Promise<void> } {
  let sweeping: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;
  function sweepIn(delay: number): void {
    timer = setTimeout(() => {
      sweeping = sweepStore(parts)
        .catch(fault)
        .then(beside)
        .catch(fault)
        .finally(() => sweepIn(EVERY_MS));
    }, delay).unref();
  }
  sweepIn(FIRST_MS);
  return {
    async stop() {
      clearTimeout(timer);
      await sweeping;
      clearTimeout(timer);
    },
  };
}
