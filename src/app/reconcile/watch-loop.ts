import type { Engine } from "../../engines/engine.ts";
import { toldOnce } from "../serve/told-once.ts";
import { createPassLoop } from "./pass-loop.ts";
import { createReconciler, type ReconcilerParts } from "./reconciler.ts";

/**
 * Looks whenever something changes, and from time to time.
 * @param changing whether an operation changes something on the engine now.
 */
export function startReconciler(parts: ReconcilerParts, changing: () => boolean): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const loop = createPassLoop(() => reconciler.pass(), toldOnce(parts.fault), changing);
  const reconciler = createReconciler(parts, () => loop.dirty());
  loop.start();
  const watching = watchFor(parts, () => loop.dirty(), stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await loop.stop();
      await reconciler.stop();
      await watching;
    },
  };
}

/** Listens to the engine for as long as this process lives; a broken line is taken up again. */
async function watchFor({ engine, fault }: Pick<ReconcilerParts, "fault"> & { engine: Engine }, changed: () => void, signal: AbortSignal) {
  const told = toldOnce(fault);
  while (!signal.aborted && engine.watch !== undefined) {
    await engine.watch(changed, signal).then(told.over, (error: unknown) => {
      if (!signal.aborted) told.fault(error);
    });
    if (signal.aborted) return;
    // What happened while nobody listened is found by looking.
    changed();
    await pause(2000, signal);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms).unref();
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
