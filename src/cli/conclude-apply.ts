import type { OperationShape } from "../api/contract/contract.ts";
import { appliedWork } from "./applying.ts";
import { showProblems } from "./operate.ts";
import type { Invocation, Outcome } from "./outcome.ts";
import { renderApply } from "./render/operation.ts";

/** What a command answers that brought a fleet, or a part of it, to what is wanted. */
export function concludeApply<V extends "apply" | "rotate">(
  call: Pick<Invocation, "context" | "say">,
  operation: OperationShape,
): Outcome<V> {
  const { exit, result, problems } = appliedWork(operation);
  showProblems(call, problems);
  const data = { operation, ...(result === undefined ? {} : { result }), problems: [...problems] };
  return { exit, text: result === undefined ? "" : renderApply(result, call.say.colours), data };
}
