import type { Readable } from "node:stream";
import type { Scope } from "../scope.ts";
import { framedLines } from "./log-frames.ts";

/** Of one line of a log that is kept. */
const LINE_BYTES = 16 * 1024;
/** Of one line in a message about why something failed. */
const WORDS_BYTES = 2000;
const SECONDS = 30;

export interface LogRequest {
  readonly tail: number;
  readonly follow?: boolean;
  readonly timestamps?: boolean;
  /** Seconds since 1970. */
  readonly since?: number;
  readonly stderr?: boolean;
  readonly lineBytes?: number;
  /** Ends it; without one it ends after half a minute. */
  readonly signal?: AbortSignal;
}

/** What a container wrote, line by line as it comes: whatever it wrote, neither a line nor the whole is held in memory. Rejects as a call to the engine does. */
export async function* logLines(scope: Scope, container: string, desired: LogRequest): AsyncGenerator<string> {
  const { tail, follow = false, timestamps = false, since, stderr = true, lineBytes = LINE_BYTES } = desired;
  const signal = desired.signal ?? AbortSignal.timeout(SECONDS * 1000);
  const options = { stdout: true, stderr, tail, follow, timestamps, ...(since === undefined ? {} : { since }) };
  const stream = await dial(scope, `/containers/${encodeURIComponent(container)}/logs?`, options, signal);
  try {
    yield* framedLines(stream, { lineBytes });
  } finally {
    stream.destroy();
  }
}

/** The client itself reads a log that is not followed into memory, whatever its size. */
function dial(scope: Scope, path: string, options: object, signal: AbortSignal): Promise<Readable> {
  const request = { path, method: "GET", isStream: true, abortSignal: signal, statusCodes: { 200: true }, options };
  return new Promise((resolve, reject) => {
    scope.docker.modem.dial(request, (error: unknown, data: unknown) => {
      if (error === null || error === undefined) resolve(data as Readable);
      else reject(error);
    });
  });
}

/** The last lines of a container, for a message about why it does not do its work. */
export async function lastLines(scope: Scope, container: string, count: number): Promise<string> {
  const lines: string[] = [];
  for await (const line of logLines(scope, container, { tail: count, lineBytes: WORDS_BYTES })) {
    lines.push(line);
    if (lines.length > count) lines.shift();
  }
  return lines.join("\n").trim();
}
