import type { Store } from "../../adapters/store/store.ts";
import type { StackId } from "../../domain/stack/node.ts";
import type { Observation } from "../../domain/stack/observation.ts";
import type { Engine } from "../../engines/engine.ts";
import { createSurveyor } from "../../engines/survey.ts";
import { type Claim, claimsOf, isWide } from "../../workflows/reconcile/claims.ts";
import { createSlots } from "../../workflows/slots.ts";
import { createCloseInWindow } from "../revisions/close-in-window.ts";
import type { Executor } from "../serve/executor.ts";
import { createTasks, type Tasks } from "../serve/tasks.ts";
import { toldOnce } from "../serve/told-once.ts";
import { createBringBack } from "./bring-back.ts";
import { newMemory, reconcileStack, type StackMemory, type StackObservation, type Wanted } from "./reconcile-stack.ts";
import { createRepairBook } from "./repair-book.ts";
import { createCertificateWatch } from "./watch-certificates.ts";
import { watchEgress } from "./watch-egress.ts";

/** Looks at one stack beside its repair, such as a probe; one that hangs holds up nobody, and is not begun again before it has ended. */
export interface StackWatcher {
  readonly name: string;
  look(observation: StackObservation, signal: AbortSignal): Promise<void>;
}

export interface ReconcilerParts {
  readonly engine: Engine;
  readonly store: Store;
  readonly executor: Pick<Executor, "converge" | "apply">;
  readonly wanted: () => Promise<Wanted | undefined>;
  readonly now: () => number;
  readonly fault: (error: unknown) => void;
  readonly watchers?: readonly StackWatcher[];
}

export interface Reconciler {
  /** Begins to look at every stack that nobody works on. Resolves once all is begun: each stack goes on by itself. */
  pass(): Promise<void>;
  /** Resolves when nothing that a pass began is under way. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/** How many stacks are repaired at once, and after how long a repair goes on without its place. */
const AT_ONCE = 8;
const SLOT_MS = 30_000;
/** A look that began before the end may still wait for an answer of the machine; what it finds is not acted upon. */
const GRACE_MS = 5000;

/** Keeps each stack as it was applied last: repairs or reports what differs, side by side, so that none waits for another. Remembers what it saw and tried. */
export function createReconciler(parts: ReconcilerParts, dirty: () => void = () => undefined): Reconciler {
  const stopping = new AbortController();
  const { signal } = stopping;
  const tasks = createTasks(parts.fault, () => {
    if (!signal.aborted) dirty();
  });
  const bringBack = createBringBack(parts);
  const closeInWindow = createCloseInWindow(parts);
  const looking = createLooking(parts, tasks, signal);

  async function pass(): Promise<void> {
    const wanted = await parts.wanted();
    if (wanted === undefined || signal.aborted) return;
    const work = await parts.store.work();
    const leases = await parts.store.leasedStacks();
    if (!work.some(isWide) && !tasks.has("return")) {
      const returning = await bringBack({ revision: wanted.revision.hash, desired: wanted.desired });
      if (returning !== undefined) {
        tasks.begin("return", returning);
        return;
      }
    }
    if (wanted.desired !== "running") return;
    if (!work.some(isWide)) tasks.begin("closing", () => closeInWindow(wanted.revision));
    looking(wanted.revision, claimsOf(work, new Set(leases), parts.now()));
  }

  return {
    pass,
    settled: () => tasks.settled(),
    async stop() {
      stopping.abort();
      await Promise.race([tasks.settled(), new Promise((resolve) => setTimeout(resolve, GRACE_MS).unref())]);
    },
  };
}

/** Begins to look at every stack of a revision that is nobody's and not looked at already; each goes on by itself. */
function createLooking(parts: ReconcilerParts, tasks: Tasks, signal: AbortSignal) {
  const memories = new Map<StackId, StackMemory>();
  const own = { ...parts, slots: createSlots(AT_ONCE, SLOT_MS), signal, repairs: createRepairBook(parts.store) };
  const certificates = createCertificateWatch(parts);
  const tellers = new Map<StackId, ReturnType<typeof toldOnce>>();
  function tellerOf(stack: StackId) {
    const teller = tellers.get(stack) ?? toldOnce(parts.fault);
    tellers.set(stack, teller);
    return teller;
  }
  const look = createSurveyor(parts.engine, {
    fault: (error, stack) => tellerOf(stack).fault(error),
    seen: (stack) => tellers.get(stack)?.over(),
  });

  async function lookAtStack(of: Omit<StackObservation, "seen">, answer: Promise<Observation>): Promise<void> {
    const observation: StackObservation = { ...of, seen: await answer };
    if (signal.aborted) return;
    const { id } = of.stack;
    for (const watcher of parts.watchers ?? []) tasks.begin(`${watcher.name} ${id}`, () => watcher.look(observation, signal));
    const memory = memories.get(id) ?? newMemory();
    memories.set(id, memory);
    await reconcileStack(own, observation, memory);
  }

  return (revision: Wanted["revision"], claim: (stack: StackId) => Claim): void => {
    for (const known of memories.keys()) {
      if (revision.stacks.has(known)) continue;
      memories.delete(known);
      tellers.delete(known);
      tasks.forget(known);
    }
    const stacks = [...revision.stacks.values()];
    const free = stacks.filter(({ id }) => claim(id) !== "theirs" && !tasks.isBusy(`stack ${id}`));
    const answers = look(free);
    for (const stack of free) {
      const answer = answers.get(stack.id);
      if (answer !== undefined) tasks.begin(`stack ${stack.id}`, () => lookAtStack({ revision, stack, claim: claim(stack.id) }, answer));
    }
    tasks.begin("egress", async () => {
      const seen = await settledOf(answers);
      // What is being deleted meanwhile gets no rules of a firewall again.
      if ((await parts.wanted())?.desired === "running") await watchEgress(parts, seen);
    });
    tasks.begin("certificates", () => certificates(stacks));
  };
}

/** How long what is asked of the whole fleet waits for stacks that do not answer. */
const TOGETHER_MS = 3000;

async function settledOf(answers: ReadonlyMap<StackId, Promise<Observation>>): Promise<readonly Observation[]> {
  const seen: Observation[] = [];
  const all = Promise.all([...answers.values()].map(async (answer) => void seen.push(await answer)));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, TOGETHER_MS);
  });
  await Promise.race([all, late]).finally(() => clearTimeout(timer));
  return [...seen];
}
