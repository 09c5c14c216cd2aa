import type { OperationShape } from "../../api/contract/contract.ts";
import type { Problem } from "../../kernel/problem.ts";
import { renderApply } from "../render/operation.ts";
import type { Invocation, Outcome } from "../terminal/outcome.ts";
import { appliedWork } from "./applying.ts";
import { showProblems } from "./operate.ts";

/**
 * What a command answers that brought a fleet, or a part of it, to what is wanted.
 * @param warnings of the files, which were shown before the work began.
 */
export async function concludeApply<V extends "apply" | "rotate">(
  call: Pick<Invocation, "context" | "say">,
  operation: OperationShape,
  warnings: readonly Problem[] = [],
): Promise<Outcome<V>> {
  const { exit, result, problems: met } = appliedWork(operation);
  await showProblems(call, met);
  const problems = [...warnings, ...met];
  const data = { operation, ...(result === undefined ? {} : { result }), problems };
  return { exit, text: result === undefined ? "" : renderApply(result, call.say.colours), data };
}
