import type { Readable } from "node:stream";
import { ProblemError } from "../../../kernel/problem.ts";
import { saysFull } from "../room.ts";
import type { ImageCode } from "./codes.ts";
import { fullDisk, type ImageProgress, lastLines, type Making, problem } from "./making.ts";
import { readEngineStream, type StreamEnd } from "./stream.ts";

const AWAY = new Set(["ECONNREFUSED", "ENOENT", "EACCES", "ECONNRESET", "EPIPE", "ENOTFOUND", "ETIMEDOUT"]);

interface EngineError extends Error {
  readonly code?: string;
  readonly statusCode?: number;
}

export function isAbsent(error: unknown): boolean {
  return (error as EngineError).statusCode === 404;
}

/** Turns what a call to the Docker Engine threw into a coded problem. */
export function engineProblem(making: Making, code: ImageCode, doing: string, thrown: unknown): ProblemError {
  if (thrown instanceof ProblemError) return thrown;
  const error = thrown as EngineError;
  if (making.signal?.aborted) return problem("BAL-I012", making.image, `${doing} was stopped`, { cause: error });
  if (error.statusCode === undefined && error.code !== undefined && AWAY.has(error.code)) {
    const hint = error.code === "EACCES" ? "Run as root, or join the group docker." : "Start the Docker Engine (ballast doctor tells how).";
    return problem("BAL-I003", making.image, `the Docker Engine does not answer while ${doing}: ${error.message}`, { hint, cause: error });
  }
  if (saysFull(error.message)) return fullDisk(making.image, `${doing} filled the disk: ${error.message}`);
  return problem(code, making.image, `${doing} failed: ${error.message}`, { cause: error });
}

export interface EngineStream {
  readonly making: Making;
  readonly stage: ImageProgress["stage"];
  readonly code: ImageCode;
  readonly doing: string;
  readonly hint?: string;
  readonly timeoutSeconds: number;
  start(signal: AbortSignal): Promise<NodeJS.ReadableStream>;
}

/** Starts a long call, reads its stream to the end within the time, and throws a coded problem for every bad end. */
export async function followEngine(call: EngineStream): Promise<StreamEnd> {
  const { making, stage, code, doing } = call;
  const timeout = AbortSignal.timeout(call.timeoutSeconds * 1000);
  const signal = making.signal === undefined ? timeout : AbortSignal.any([making.signal, timeout]);
  let end: StreamEnd;
  try {
    const stream = (await call.start(signal)) as Readable;
    const cut = (): void => void stream.destroy(new Error("stopped"));
    signal.addEventListener("abort", cut, { once: true });
    end = await readEngineStream(stream, (line) => making.onProgress({ image: making.image, stage, line })).finally(() =>
      signal.removeEventListener("abort", cut),
    );
  } catch (error) {
    if (timeout.aborted) throw problem("BAL-I012", making.image, `${doing} took longer than ${call.timeoutSeconds} s`, { cause: error });
    throw engineProblem(making, code, doing, error);
  }
  if (end.error === undefined) return end;
  if (saysFull(end.error)) throw fullDisk(making.image, `${doing} filled the disk: ${end.error}`);
  const hint = call.hint === undefined ? {} : { hint: call.hint };
  throw problem(code, making.image, `${doing} failed: ${end.error}; ${lastLines(end.tail)}`, hint);
}
