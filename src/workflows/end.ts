import type { OperationState } from "../adapters/store/operations.ts";
import type { Problem } from "../kernel/problem.ts";
import type { Services } from "./services.ts";
import { runStep } from "./step.ts";

/** How one operation ended. */
export interface Ending {
  readonly operation: string;
  readonly state: OperationState;
  readonly result: { readonly problems: readonly Problem[] };
  /** The same result without what was found out, for when that cannot be written. */
  readonly bare: object;
}

/**
 * Writes that an operation ended, and lets go what it held. Where the result cannot be written, the end is written without it: an operation that
 * stays open would stand in the way of others. What is told besides comes after, and its failing changes nothing.
 */
export async function endWork(services: Services, name: string, ending: Ending, tell: () => Promise<unknown>): Promise<void> {
  const { operation, state } = ending;
  const written = await runStep(services, { name, timeoutSeconds: 30 }, async () => {
    await letGo(services, operation);
    await services.store.endOperation(operation, state, ending.result, new Date(services.now()));
    await tell().catch((error: unknown) => services.log(error, name));
  });
  if (written.ok) return;
  const codes = [...new Set(ending.result.problems.map((problem) => problem.code))].join(", ");
  const problem: Problem = {
    code: "BAL-W031",
    severity: "error",
    at: operation,
    message: `ended as ${state}${codes === "" ? "" : ` with ${codes}`}; its result could not be written`,
    hint: "the log of the control plane says why",
  };
  await runStep(services, { name: `${name}, without its result`, timeoutSeconds: 30 }, async () => {
    await letGo(services, operation);
    await services.store.endOperation(operation, state, { ...ending.bare, state, problems: [problem] }, new Date(services.now()));
  });
}

/** A lease of what has ended holds nobody, so a failure here must not keep the end from being written. */
async function letGo(services: Services, operation: string): Promise<void> {
  await services.store.releaseLeases(operation).catch((error: unknown) => services.log(error, operation));
}
