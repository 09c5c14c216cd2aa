import { setTimeout as sleep } from "node:timers/promises";
import type { OperationState, OperationWork } from "../../adapters/store/operations.ts";
import type { Store } from "../../adapters/store/store.ts";
import type { Instant } from "../../kernel/instant.ts";
import type { Problem } from "../../kernel/problem.ts";
import type { WorkflowStore } from "../../workflows/services.ts";
import type { Standing } from "./standing.ts";
import { endUnlaunched } from "./unlaunched.ts";

export interface AbandonedParts {
  readonly store: Pick<Store, "work" | "endOperation" | "releaseEndedLeases" | "admission">;
  readonly executor: { standing(operation: string): Promise<Standing | undefined> };
}

/** Between the admission of an operation and the start of its work lies a moment; nothing is judged within it. */
const JUST_BEGUN_MS = 120_000;
/** How long the workflow engine may take to know that a workflow threw. */
const KNOWN_LOOKS = 40;
const KNOWN_EVERY_MS = 250;
const ENDS: ReadonlySet<unknown> = new Set<OperationState>(["done", "held", "refused", "failed"]);

/**
 * Holds what is written down as running against what the workflow engine knows. What has ended there ends here too, with its own result where that was kept;
 * what was never begun ends as failed. Leases of what has ended are let go.
 */
export async function endAbandoned({ store, executor }: AbandonedParts, now: Instant): Promise<void> {
  for (const operation of (await store.work()).filter((one) => one.running)) {
    const standing = await executor.standing(operation.id);
    if (standing === undefined) {
      const error = "the control plane ended before it";
      if (Math.abs(now - operation.createdAt) >= JUST_BEGUN_MS) await endUnlaunched(store, operation, { error, now });
      continue;
    }
    const ending = endingOf(operation, standing);
    if (ending !== undefined) await store.endOperation(operation.id, ending.state, ending.result, new Date(now));
  }
  await store.releaseEndedLeases();
}

/**
 * Ends at once one operation whose work threw. Where the engine does not say so, since it could not write it down either, the work is taken up again, and
 * nothing is ended.
 */
export async function endBroken(
  {
    store,
    executor,
  }: { readonly store: Pick<WorkflowStore, "work" | "endOperation" | "releaseLeases"> } & Pick<AbandonedParts, "executor">,
  id: string,
  { now, signal }: { readonly now: () => Instant; readonly signal: AbortSignal },
): Promise<void> {
  for (let looks = 0; looks < KNOWN_LOOKS && !signal.aborted; looks++) {
    const standing = await executor.standing(id);
    if (standing?.state === "broken") {
      const operation = (await store.work()).find((one) => one.id === id && one.running);
      const ending = operation === undefined ? undefined : endingOf(operation, standing);
      if (ending !== undefined) await store.endOperation(id, ending.state, ending.result, new Date(now()));
      return await store.releaseLeases(id);
    }
    await sleep(KNOWN_EVERY_MS, undefined, { ref: false, signal }).catch(() => undefined);
  }
}

interface Ending {
  readonly state: Exclude<OperationState, "running">;
  readonly result: object;
}

function endingOf(operation: OperationWork, standing: Standing): Ending | undefined {
  const { id } = operation;
  switch (standing.state) {
    case "running":
      return undefined;
    case "broken":
      return failed(operation, "BAL-W031", `its work broke off: ${standing.because}`);
    case "ended": {
      const { output } = standing;
      const state = typeof output === "object" && output !== null ? (output as { state?: unknown }).state : undefined;
      if (ENDS.has(state)) return { state: state as Ending["state"], result: output as object };
      return failed(operation, "BAL-W031", `${id} has ended, and how was not kept`);
    }
    default:
      return standing satisfies never;
  }
}

function failed({ id, stack }: OperationWork, code: string, message: string): Ending {
  const problem: Problem = { code, severity: "error", at: id, message, hint: "ask for it again" };
  const empty = stack === undefined ? { stacks: [] } : { stack, changed: [], held: [], kept: [] };
  return { state: "failed", result: { ...empty, state: "failed", problems: [problem] } };
}
