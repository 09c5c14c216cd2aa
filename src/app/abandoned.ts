import type { OperationState, OperationWork } from "../adapters/store/operations.ts";
import type { Store } from "../adapters/store/store.ts";
import type { Instant } from "../kernel/instant.ts";
import type { Problem } from "../kernel/problem.ts";
import type { Executor, Standing } from "./executor.ts";
import { endUnlaunched } from "./unlaunched.ts";

export interface AbandonedParts {
  readonly store: Pick<Store, "work" | "endOperation" | "releaseEndedLeases" | "admission">;
  readonly executor: Pick<Executor, "standing">;
}

/** Between the admission of an operation and the start of its work lies a moment; nothing is judged within it. */
const JUST_BEGUN_MS = 120_000;
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
