import { failure, ProblemError } from "../../kernel/problem.ts";
import { fullDisk, saysFull } from "./room.ts";

interface EngineError {
  readonly statusCode?: number;
  readonly code?: string;
  readonly message?: string;
  readonly json?: { readonly message?: string };
}

export function statusOf(error: unknown): number | undefined {
  return (error as EngineError).statusCode;
}

/** Docker's own words for an error, without its wrapping. */
export function wordsOf(error: unknown): string {
  const known = error as EngineError;
  return known.json?.message ?? known.message ?? String(error);
}

const OUT_OF_REACH = new Set(["ECONNREFUSED", "ENOENT", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EACCES"]);

/** Runs a call to the Docker Engine; faults come out as coded problems with the engine's own words. */
export async function engineCall<T>(at: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    const code = (error as EngineError).code;
    if (code !== undefined && OUT_OF_REACH.has(code)) {
      throw failure("BAL-E002", at, `the Docker Engine does not answer (${code})`, {
        hint: code === "EACCES" ? "this user may not talk to it: ask as root, such as by sudo" : "see whether dockerd runs: ballast doctor",
        cause: error,
      });
    }
    const words = wordsOf(error);
    if (saysFull(words)) throw fullDisk(at, words, error);
    if (/port is already allocated|address already in use/.test(words)) {
      throw failure("BAL-E006", at, words, { hint: "declare a free one in the Fleet: spec.ingress.listen", cause: error });
    }
    throw failure("BAL-E001", at, words, { cause: error });
  }
}

/** The call's value, or undefined where the object is not there. */
export async function orAbsent<T>(at: string, call: () => Promise<T>): Promise<T | undefined> {
  return await engineCall(at, async () => {
    try {
      return await call();
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  });
}

/** Runs a call for which one of these answers also means "it already is so". */
export async function tolerating(at: string, statuses: readonly number[], call: () => Promise<unknown>): Promise<void> {
  await engineCall(at, async () => {
    try {
      await call();
    } catch (error) {
      const status = statusOf(error);
      if (status === undefined || !statuses.includes(status)) throw error;
    }
  });
}
