import { setTimeout as sleep } from "node:timers/promises";
import type { StackId } from "../domain/stack/node.ts";
import { failure, type ProblemError } from "../kernel/problem.ts";
import type { InFlight } from "./in-flight.ts";
import type { Services } from "./services.ts";

/** How long a deletion waits for what was begun before it: each change that is under way is bounded, and none is begun after it. */
const PATIENCE_SECONDS = 40 * 60;

/** Refuses to go on where the fleet is being deleted by another operation: whatever is made now would outlive it. */
export async function refuseWhereDeleted(services: Services, root: string): Promise<void> {
  const deletion = await services.store.deletion();
  if (deletion !== undefined && deletion.operation !== root) throw deleted(root, deletion.operation);
}

function deleted(at: string, by: string): ProblemError {
  return failure("BAL-W029", at, `left: operation ${by} deletes the fleet`, { hint: `./ballast operations ${by}` });
}

/** Those stacks that no operation deletes by name at this moment: what is being deleted is left to whoever deletes it. */
export async function withoutDeleted({ store }: Pick<Services, "store">, stacks: readonly StackId[]): Promise<readonly StackId[]> {
  const work = await store.work();
  const deleted = new Set(work.filter((one) => one.running && one.verb === "remove").map((one) => one.stack));
  return stacks.filter((stack) => !deleted.has(stack));
}

/** Waits until nothing else of the fleet is under way. What runs ends by itself before its next change, since the fleet is marked as being deleted. */
export async function waitForOthers(services: Services, inFlight: InFlight, at: { root: string; signal: AbortSignal }): Promise<void> {
  const { root, signal } = at;
  let others: readonly string[] = [];
  for (let waited = 0; waited < PATIENCE_SECONDS; waited++) {
    const work = await services.store.work();
    const running = work.filter((one) => one.running && one.parent === undefined && one.id !== root).map((one) => one.id);
    others = [...new Set([...running, ...inFlight.others(root)])];
    if (others.length === 0) return;
    await sleep(waited < 10 ? 100 : 1000, undefined, { signal });
  }
  throw failure("BAL-W030", root, `nothing was deleted: ${others.join(", ")} did not end in ${PATIENCE_SECONDS / 60} minutes`, {
    hint: `./ballast operations ${others[0] ?? root}`,
  });
}
