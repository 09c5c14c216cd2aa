import type { Store } from "../adapters/store/store.ts";
import type { Instant } from "../kernel/instant.ts";
import type { Problem } from "../kernel/problem.ts";
import type { Executor } from "./executor.ts";

/**
 * Ends what was written down and never begun, since the process before this one was killed between the two: it would hold up the reconciler for ever.
 * To be called before anything new is accepted.
 */
export async function endNotBegun(
  store: Pick<Store, "operations" | "endOperation">,
  executor: Pick<Executor, "knows">,
  now: Instant,
): Promise<void> {
  const running = (await store.operations({ limit: 1000 })).filter((operation) => operation.state === "running");
  for (const { id } of running) {
    if (await executor.knows(id)) continue;
    const message = "was not begun: the control plane ended first";
    const problem: Problem = { code: "BAL-W008", severity: "error", at: id, message, hint: "ask for it again" };
    await store.endOperation(id, "failed", { state: "failed", stacks: [], problems: [problem] }, new Date(now));
  }
}
