import { DBOS } from "@dbos-inc/dbos-sdk";
import { bounded, MESSAGE } from "../kernel/foreign-text.ts";
import { type Problem, ProblemError } from "../kernel/problem.ts";
import type { Services } from "./services.ts";

/** A step's result as it is kept: problems are values, so that a replay reads the same. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly Problem[] };

export interface StepOptions {
  readonly name: string;
  readonly timeoutSeconds: number;
}

/** With a pause that doubles from half a second: eight seconds in all, in which a server recovers from a crash. */
const ATTEMPTS = 5;
/** Codes of faults that pass by themselves: the engine or a server did not answer. */
const PASSING = new Set(["BAL-E002"]);

/**
 * Runs one durable step: bounded in time, tried again a few times when the fault may pass, its problems returned as values.
 * Work must be idempotent: a process that dies between doing and recording does it again.
 */
export async function runStep<T>(services: Services, options: StepOptions, work: (signal: AbortSignal) => Promise<T>): Promise<Outcome<T>> {
  async function attempt(): Promise<Outcome<T>> {
    services.aroundStep(options.name, "before");
    try {
      const value = await work(DBOS.stepStatus?.timeoutSignal ?? AbortSignal.timeout(options.timeoutSeconds * 1000));
      services.aroundStep(options.name, "after");
      return { ok: true, value };
    } catch (error) {
      if (error instanceof ProblemError && !error.problems.some((problem) => PASSING.has(problem.code)))
        return { ok: false, problems: error.problems };
      throw error;
    }
  }
  try {
    return await DBOS.runStep(attempt, {
      name: options.name,
      retriesAllowed: true,
      maxAttempts: ATTEMPTS,
      intervalSeconds: 0.5,
      timeoutMS: options.timeoutSeconds * 1000,
    });
  } catch (error) {
    return { ok: false, problems: [asProblem(options, error)] };
  }
}

/** After the last attempt: what a person is told. The step's own words come first, never a stack trace. */
function asProblem(options: StepOptions, error: unknown): Problem {
  const causes = error instanceof AggregateError || hasErrors(error) ? (error as { errors: unknown[] }).errors : [error];
  const last = causes.at(-1);
  if (last instanceof ProblemError) return last.problems[0] as Problem;
  const words = bounded(last instanceof Error ? last.message : String(last), MESSAGE);
  return {
    code: "BAL-W001",
    severity: "error",
    at: options.name,
    message: `${words} (tried ${causes.length} times, ${options.timeoutSeconds} s each at most)`,
  };
}

function hasErrors(error: unknown): boolean {
  return typeof error === "object" && error !== null && Array.isArray((error as { errors?: unknown }).errors);
}
