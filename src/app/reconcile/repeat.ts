import { toldOnce } from "../serve/told-once.ts";

export interface Repetition {
  /** Milliseconds until the next time; `took` is how long the last one took, missing before the first. */
  readonly pause: (took?: number) => number;
  readonly fault: (error: unknown) => void;
}

/** Does work again and again for as long as this process lives, one at a time. A fault that lasts is told once. */
export function repeat(work: (signal: AbortSignal) => Promise<unknown>, { pause, fault }: Repetition): { stop(): Promise<void> } {
  const told = toldOnce(fault);
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();
  function wait(took?: number): void {
    if (stopping.signal.aborted) return;
    timer = setTimeout(() => {
      const began = performance.now();
      working = work(stopping.signal)
        .then(told.over, told.fault)
        .finally(() => wait(performance.now() - began));
    }, pause(took)).unref();
  }
  wait();
  return {
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await working;
    },
  };
}
