import { ProblemError } from "../kernel/problem.ts";

/** Codes of faults that pass by themselves: the engine or a server did not answer, or somebody held what was to be changed. */
const PASSING_CODES = new Set(["BAL-E002", "BAL-E090", "BAL-W080"]);

/** A peer that is away, comes or goes, or a machine that is short of something for a moment. */
const PASSING_ERRNO = new Set([
  "EAGAIN",
  "EAI_AGAIN",
  "EBUSY",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "EMFILE",
  "ENETUNREACH",
  "ENFILE",
  "EPIPE",
  "ETIMEDOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_SOCKET",
]);

/** PostgreSQL: no connection (08), too busy (53), stopping or starting (57P), in each other's way (40, 55P03), out of time (57014). */
const PASSING_SQLSTATE = /^(08...|53...|57P0.|40001|40P01|55P03|57014)$/;

/** Time-outs, by whoever set them. */
const PASSING_NAMES = new Set(["TimeoutError", "AbortError", "DBOSStepTimeoutError"]);

/** What the PostgreSQL client says, without a code, of a connection that ended or did not come. */
const PASSING_WORDS = /^(Connection terminated|Client has encountered a connection error|timeout (exceeded|expired)|Query read timeout)/;

/**
 * True of what may pass by itself, so that the same is worth trying again. Anything else is a refusal or a mistake in the program, which the next try
 * would meet too. `fetch` hides why it failed in the cause, an attempt at several addresses in a list; either may lead back to where it began.
 */
export function mayPass(error: unknown): boolean {
  const seen = new Set<unknown>([error]);
  for (const one of seen) {
    if (passesItself(one)) return true;
    for (const hidden of hiddenIn(one)) seen.add(hidden);
  }
  return false;
}

function passesItself(error: unknown): boolean {
  if (error instanceof ProblemError) return error.problems.some((problem) => PASSING_CODES.has(problem.code));
  if (!(error instanceof Error)) return false;
  const { code, name, message } = error as Error & { code?: unknown };
  if (typeof code === "string" && (PASSING_ERRNO.has(code) || PASSING_SQLSTATE.test(code))) return true;
  return PASSING_NAMES.has(name) || PASSING_NAMES.has(error.constructor.name) || PASSING_WORDS.test(message);
}

/** What a problem was caused by is said in its code. */
function hiddenIn(error: unknown): readonly unknown[] {
  if (!(error instanceof Error) || error instanceof ProblemError) return [];
  const { cause, errors } = error as Error & { errors?: unknown };
  return [cause, ...(Array.isArray(errors) ? errors : [])];
}
