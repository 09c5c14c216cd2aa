import { setTimeout as sleep } from "node:timers/promises";
import { type NodeId, type StackId, stackOf } from "../domain/stack/node.ts";
import type { Instant } from "../kernel/instant.ts";
import type { Services } from "./services.ts";

/** One attempt to change one node. */
export interface Attempt {
  /** The operation that somebody began, and the part of it that works on the stack. */
  readonly root: string;
  readonly operation: string;
  readonly node: NodeId;
  /** Ends the waiting for an earlier attempt. */
  readonly signal: AbortSignal;
}

/** What is under way on the engine, also of attempts that were given up as too slow: they may still make something. */
export interface InFlight {
  /** Begins once no earlier attempt on the node, and none of another operation on its stack, is under way; else it fails without acting. */
  run<T>(attempt: Attempt, work: () => Promise<T>): Promise<T>;
  /** The operations of others that something is under way of. */
  others(root: string): readonly string[];
  /** Whether anything is under way. */
  any(): boolean;
  /** Waits until nothing of a stack is under way; false where something still is after that time. */
  settled(stack: StackId, atMostMs: number): Promise<boolean>;
}

interface Running extends Omit<Attempt, "signal"> {
  readonly ended: Promise<void>;
}

export function createInFlight(): InFlight {
  const running = new Set<Running>();
  return {
    async run({ signal, ...attempt }, work) {
      for (let former = against(attempt, running); former !== undefined; former = against(attempt, running))
        await unless(signal, former.ended);
      signal.throwIfAborted();
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      const mark = { ...attempt, ended };
      running.add(mark);
      try {
        return await work();
      } finally {
        running.delete(mark);
        resolve();
      }
    },
    others: (root) => [...new Set([...running].map((one) => one.root))].filter((one) => one !== root),
    any: () => running.size > 0,
    async settled(stack, atMostMs) {
      const of = () => [...running].filter((one) => stackOf(one.node) === stack);
      if (of().length === 0) return true;
      const timer = new AbortController();
      const late = sleep(atMostMs, undefined, { signal: timer.signal }).catch(() => undefined);
      await Promise.race([Promise.all(of().map((one) => one.ended)), late]);
      timer.abort();
      return of().length === 0;
    },
  };
}

/** Changes of one operation on several nodes go side by side; two attempts on one node, or two operations on one stack, never do. */
function against({ node, operation }: Pick<Attempt, "node" | "operation">, running: ReadonlySet<Running>): Running | undefined {
  const isAgainst = (one: Running) => one.node === node || (one.operation !== operation && stackOf(one.node) === stackOf(node));
  return [...running].find(isAgainst);
}

/** Waits for an end, or fails when the signal comes first. */
async function unless(signal: AbortSignal, ended: Promise<void>): Promise<void> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason as Error);
  signal.addEventListener("abort", stop, { once: true });
  try {
    await Promise.race([ended, promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** How long a stack is kept for a change that was given up as too slow and has not ended. */
const SETTLE_MS = 5 * 60_000;

/**
 * Keeps a stack until nothing that was begun there is under way, so that whoever comes next does not act beside it. Bounded: after that the stack is let go,
 * which is told, and the next operation's changes wait for it themselves.
 */
export async function settleStack(
  { store, now, log }: Pick<Services, "store" | "now" | "log">,
  inFlight: InFlight,
  { operation, root, stack }: { readonly operation: string; readonly root: string; readonly stack: StackId },
): Promise<void> {
  const tell = async (key: string, text: string) => {
    const at = new Date(now() satisfies Instant);
    await store
      .addEvent({ operation, root, key, at, kind: "progress", subject: stack, text })
      .catch((error: unknown) => log(error, operation));
  };
  if (await inFlight.settled(stack, 0)) return;
  await tell("settle", "waits for a change that was given up as too slow and has not ended");
  if (await inFlight.settled(stack, SETTLE_MS)) return;
  await tell("unsettled", `a change that was given up has not ended after ${SETTLE_MS / 60_000} minutes; what comes next waits for it`);
}
