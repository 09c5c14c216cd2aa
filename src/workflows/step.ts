import { DBOS, Error as DBOSErrors } from "@dbos-inc/dbos-sdk";
import { bounded, MESSAGE } from "../kernel/foreign-text.ts";
import { type Problem, ProblemError } from "../kernel/problem.ts";
import { mayPass } from "./passing.ts";
import type { Services } from "./services.ts";

/** A step's result as it is kept: problems are values, so that a replay reads the same. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly Problem[] };

export interface StepOptions {
  readonly name: string;
  readonly timeoutSeconds: number;
}

/** With a pause that doubles from half a second: eight seconds in all, in which a server recovers from a crash. */
const ATTEMPTS = 5;

/**
 * Runs one durable step: bounded in time, tried again a few times when the fault may pass, its problems returned as values.
 * What is no problem with a code is told to the log of the control plane with its cause and its stack, at each try.
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
      if (!(error instanceof ProblemError)) services.log(error, options.name);
      if (mayPass(error)) throw error;
      if (error instanceof ProblemError) {
        if (error.cause !== undefined) services.log(error, options.name);
        return { ok: false, problems: error.problems };
      }
      return { ok: false, problems: [bug(options, error)] };
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
    if (isOfWorkflow(error)) throw error;
    return { ok: false, problems: problemsOf(options, error) };
  }
}

/** Not the step failed: what is recorded is of another step, or the workflow is not to go on. No later step would fare better. */
function isOfWorkflow(error: unknown): boolean {
  return error instanceof DBOSErrors.DBOSUnexpectedStepError || error instanceof DBOSErrors.DBOSWorkflowCancelledError;
}

function wordsOf(error: unknown): string {
  return bounded(error instanceof Error ? error.message : String(error), MESSAGE);
}

/** What no code is known for, and no other try would help. */
function bug({ name }: StepOptions, error: unknown): Problem {
  const message = `a fault of Ballast itself: ${wordsOf(error)}`;
  return {
    code: "BAL-W031",
    severity: "error",
    at: name,
    message,
    hint: "the log of the control plane has its cause and its stack: tell us",
  };
}

/** After the last try: everything that a person must know. The step's own words come first, never a stack. */
function problemsOf(options: StepOptions, error: unknown): readonly Problem[] {
  const causes = error instanceof AggregateError || hasErrors(error) ? (error as { errors: unknown[] }).errors : [error];
  const last = causes.at(-1);
  if (last instanceof ProblemError) return last.problems;
  const message = `${wordsOf(last)} (tried ${causes.length} times, ${options.timeoutSeconds} s each at most)`;
  return [{ code: "BAL-W001", severity: "error", at: options.name, message }];
}

function hasErrors(error: unknown): boolean {
  return typeof error === "object" && error !== null && Array.isArray((error as { errors?: unknown }).errors);
}
