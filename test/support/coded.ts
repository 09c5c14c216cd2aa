import { ProblemError } from "../../src/kernel/problem.ts";

/** Code and sentence of the problem with which work must end. */
export async function codedProblem(work: Promise<unknown>): Promise<readonly [string, string]> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProblemError)) throw new Error("no coded problem", { cause: error });
  return [error.problems[0]?.code ?? "", error.problems[0]?.message ?? ""];
}
