import type { toldOnce } from "../serve/told-once.ts";

/** Changes tell themselves; this is for those that do not (databases, the firewall, what was missed) and for windows that open: repaired within half a minute. */
export const LOOK_EVERY_MS = 24_000;
/** Events come in bursts: a container that ends tells so five times. */
const SETTLE_MS = 800;
/** Our own changes tell of themselves at each step: a pass among them would look at what is half done, and take the machine's time from them. */
const PUT_OFF_MS = 4000;
const AGAIN_MS = 200;
/** What tells of itself without end, such as a crash loop, must not make looking a full-time job. */
const APART_MS = 2000;

export interface PassLoop {
  start(): void;
  /** Something may have changed: the next pass comes soon. */
  dirty(): void;
  /** Resolves when the pass under way has ended; there is no other. */
  stop(): Promise<void>;
}

/**
 * Single flight: what calls for a pass while one runs has the next one begin after it. A call never puts off one that is due sooner.
 * @param changing whether Ballast itself changes something now: what calls then is answered once that is over, or after a few seconds.
 */
export function createPassLoop(
  pass: () => Promise<void>,
  told: ReturnType<typeof toldOnce>,
  changing: () => boolean = () => false,
): PassLoop {
  let timer: NodeJS.Timeout | undefined;
  let due = Number.POSITIVE_INFINITY;
  let running: Promise<void> | undefined;
  let lastAt = Number.NEGATIVE_INFINITY;
  let stopped = false;
  /** When somebody called first since the last pass began. */
  let calledAt: number | undefined;
  function wake(delay: number): void {
    const at = Math.max(performance.now() + delay, lastAt + APART_MS);
    if (stopped || at >= due) return;
    due = at;
    if (running === undefined) arm();
  }
  function arm(): void {
    clearTimeout(timer);
    timer = setTimeout(run, Math.max(0, due - performance.now())).unref();
  }
  function run(): void {
    if (calledAt !== undefined && performance.now() - calledAt < PUT_OFF_MS && changing()) {
      due = performance.now() + AGAIN_MS;
      arm();
      return;
    }
    calledAt = undefined;
    due = performance.now() + LOOK_EVERY_MS;
    lastAt = performance.now();
    running = pass()
      .then(told.over, told.fault)
      .finally(() => {
        running = undefined;
        if (!stopped) arm();
      });
  }
  return {
    start: () => wake(LOOK_EVERY_MS),
    dirty() {
      calledAt ??= performance.now();
      wake(SETTLE_MS);
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
