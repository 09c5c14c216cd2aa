import { setTimeout as sleep } from "node:timers/promises";

/** A question to an engine that may hang: rejects after the time. The question itself may go on, nobody listens to it any more. */
export async function bounded<T>(question: Promise<T>, milliseconds: number): Promise<T> {
  const timer = new AbortController();
  const tooLate = sleep(milliseconds, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no answer within ${milliseconds} ms`);
  });
  try {
    return await Promise.race([question, tooLate]);
  } finally {
    tooLate.catch(() => undefined);
    timer.abort();
  }
}
