import type { Store } from "../../adapters/store/store.ts";
import type { Instant } from "../../kernel/instant.ts";
import { type Problem, ProblemError } from "../../kernel/problem.ts";

interface Admitted {
  readonly id: string;
  readonly verb: string;
  readonly stack?: string | undefined;
}

/**
 * Ends an operation that was admitted and of which the work could not be started, and says what is in force. Left as running it would stand in the way
 * of others, and nobody would ever end it. A fleet that was to be stopped by it is meant to go on as before.
 */
export async function endUnlaunched(
  store: Pick<Store, "admission">,
  operation: Admitted,
  { error, now }: { readonly error: unknown; readonly now: Instant },
): Promise<readonly Problem[]> {
  const problems = unlaunchedProblems(operation, error);
  const { id, stack } = operation;
  const empty = stack === undefined ? { stacks: [] } : { stack, changed: [], held: [], kept: [] };
  await store.admission(async (held) => {
    await held.withdrawStop(id);
    await held.endOperation(id, "failed", { ...empty, state: "failed", problems }, new Date(now));
  });
  return problems;
}

/** What did not happen, and what is so nevertheless. */
function unlaunchedProblems({ id, verb, stack }: Admitted, error: unknown): readonly Problem[] {
  const because = error instanceof Error ? error.message : String(error);
  const { is, hint } = standing(verb, stack);
  const own: Problem = { code: "BAL-W008", severity: "error", at: id, message: `its work could not be started: ${because}; ${is}`, hint };
  return error instanceof ProblemError ? [own, ...error.problems] : [own];
}

function standing(verb: string, stack: string | undefined): { readonly is: string; readonly hint: string } {
  if (verb === "apply") return { is: "its files are in force", hint: "apply again: what is in force is carried out by the next apply" };
  if (verb === "stop" || (verb === "remove" && stack === undefined))
    return { is: "nothing was stopped, and the fleet is meant to go on as before", hint: "ask for it again" };
  if (verb === "rotate") return { is: "what was counted up already is told by the next apply", hint: "rotate again, or apply" };
  return { is: "nothing of it was begun", hint: "ask for it again" };
}
