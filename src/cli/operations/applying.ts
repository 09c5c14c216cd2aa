import type { OperationShape } from "../../api/contract/contract.ts";
import { ApplyResultShape } from "../../api/contract/results.ts";
import type { Problem } from "../../kernel/problem.ts";
import { EXIT, type Exit, exitOf } from "../exit.ts";
import { toProblems } from "../server/wire.ts";

export interface AppliedWork {
  readonly exit: Exit;
  readonly result?: ApplyResultShape;
  readonly problems: readonly Problem[];
}

/** What an ended apply or removal comes to. */
export function appliedWork(operation: OperationShape): AppliedWork {
  const parsed = ApplyResultShape.safeParse(operation.result);
  if (!parsed.success) return { exit: EXIT.no, problems: [without(operation)] };
  const problems = toProblems(parsed.data.problems);
  return { exit: exitOfState(operation.state, problems), result: parsed.data, problems };
}

export function exitOfState(state: OperationShape["state"], problems: readonly Problem[]): Exit {
  if (state === "done") return EXIT.done;
  if (state === "held") return EXIT.changes;
  return exitOf(problems) || EXIT.no;
}

export function without(operation: OperationShape): Problem {
  return { code: "BAL-W001", severity: "error", at: operation.id, message: `ended as ${operation.state} without a result` };
}

/** The environments that this operation brought into being. */
export function createdEnvironments(result: ApplyResultShape | undefined): readonly string[] {
  return (result?.stacks ?? [])
    .filter((stack) => stack.changed.some((change) => change.verb === "create" && change.node === `${stack.stack}/database`))
    .map((stack) => stack.stack);
}
