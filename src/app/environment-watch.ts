import type { Store } from "../adapters/store/store.ts";
import { judgePage } from "../domain/health/page.ts";
import type { EnvironmentHealth } from "../domain/health/verdict.ts";
import { entryOf } from "../domain/stack/entry.ts";
import type { Stack, StackId } from "../domain/stack/node.ts";
import type { Engine } from "../engines/engine.ts";
import type { Instant } from "../kernel/instant.ts";
import { toldOnce } from "./told-once.ts";

export interface EnvironmentWatchParts {
  readonly engine: Pick<Engine, "page" | "undoneWork">;
  readonly store: Pick<Store, "appendLedger">;
  /** The stacks that are meant to serve now. */
  readonly stacks: () => Promise<readonly Stack[]>;
  readonly now: () => Instant;
  readonly fault: (error: unknown) => void;
}

export interface EnvironmentWatch {
  /** As it is now: seen at most some seconds ago, or asked for. */
  of(stack: Stack, stacks: readonly Stack[]): Promise<EnvironmentHealth>;
  stop(): Promise<void>;
}

/** Leaves five seconds of the half minute within which a page is asked for. */
const LOOK_EVERY_MS = 25_000;
/** What a person is shown is younger than this. */
const SHOWN_MS = 5_000;
const AT_ONCE = 8;
const WORK_MS = 10_000;
/** A page is called lost, or back, once it was seen so twice in a row. */
const SURE_AFTER = 2;

interface Seen extends EnvironmentHealth {
  readonly at: Instant;
}

/** What of a stack was written down, and how often in a row it was seen otherwise. */
interface Told {
  readonly words: string;
  readonly otherwise: number;
}

/** Looks at environments, remembers what it saw for a moment, and writes down when a page is lost and when it is back. */
export function createEnvironmentLook(
  parts: EnvironmentWatchParts,
): Pick<EnvironmentWatch, "of"> & { all(signal?: AbortSignal): Promise<void> } {
  const seen = new Map<StackId, Seen>();
  const told = new Map<StackId, Told>();
  async function look(stack: Stack, stacks: readonly Stack[]): Promise<EnvironmentHealth> {
    const health = await lookAt(parts, stack, stacks);
    seen.set(stack.id, { ...health, at: parts.now() });
    return health;
  }
  return {
    async of(stack, stacks) {
      const last = seen.get(stack.id);
      const age = last === undefined ? -1 : parts.now() - last.at;
      return last !== undefined && age >= 0 && age <= SHOWN_MS ? last : await look(stack, stacks);
    },
    async all(signal) {
      const stacks = await parts.stacks();
      const known = new Set(stacks.map((stack) => stack.id));
      for (const map of [seen, told]) for (const id of map.keys()) if (!known.has(id)) map.delete(id);
      const waiting = [...stacks];
      async function next(): Promise<void> {
        for (let stack = waiting.shift(); stack !== undefined && signal?.aborted !== true; stack = waiting.shift())
          await writeDown(parts, told, stack.id, await look(stack, stacks));
      }
      await Promise.all(Array.from({ length: AT_ONCE }, next));
    },
  };
}

/** Looks at every environment at least each half minute, for as long as this process serves. */
export function startEnvironmentWatch(parts: EnvironmentWatchParts): EnvironmentWatch {
  const look = createEnvironmentLook(parts);
  const fault = toldOnce(parts.fault);
  const stopping = new AbortController();
  let looking: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  function lookIn(delay: number): void {
    if (stopping.signal.aborted) return;
    timer = setTimeout(() => {
      looking = look
        .all(stopping.signal)
        .then(fault.over, fault.fault)
        .finally(() => lookIn(LOOK_EVERY_MS));
    }, delay).unref();
  }
  lookIn(LOOK_EVERY_MS);
  return {
    of: look.of,
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await looking;
    },
  };
}

async function lookAt({ engine }: EnvironmentWatchParts, stack: Stack, stacks: readonly Stack[]): Promise<EnvironmentHealth> {
  const [page, work] = await Promise.all([
    engine.page?.(stack, entryOf(stack, stacks)),
    // A database that is away or full of work is told by its own processes; here it only leaves a question open.
    within(WORK_MS, engine.undoneWork?.(stack)).catch(() => undefined),
  ]);
  return { ...(page === undefined ? {} : { page }), ...(work === undefined ? {} : { work }) };
}

async function within<T>(milliseconds: number, work: Promise<T> | undefined): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds).unref();
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function writeDown(
  { store, now }: EnvironmentWatchParts,
  told: Map<StackId, Told>,
  stack: StackId,
  health: EnvironmentHealth,
): Promise<void> {
  const fault = health.page === undefined ? undefined : judgePage(health.page);
  const words = fault === undefined ? "" : fault.state;
  const before = told.get(stack) ?? { words: "", otherwise: 0 };
  if (words === before.words) {
    told.set(stack, { words, otherwise: 0 });
    return;
  }
  if (before.otherwise + 1 < SURE_AFTER) {
    told.set(stack, { ...before, otherwise: before.otherwise + 1 });
    return;
  }
  told.set(stack, { words, otherwise: 0 });
  const entry =
    fault === undefined ? { act: "page.back", reasons: ["a page is answered again"] } : { act: "page.lost", reasons: [fault.because] };
  await store.appendLedger({ actor: "reconciler", subject: stack, evidence: {}, ...entry }, new Date(now()));
}
