import { randomBytes } from "node:crypto";
import type { Store } from "../adapters/store/store.ts";
import { driftPolicy } from "../domain/blueprint/drift-policy.ts";
import { type Drift, driftOf } from "../domain/stack/drift.ts";
import type { Stack, StackId } from "../domain/stack/node.ts";
import type { Observation } from "../domain/stack/observation.ts";
import type { Engine } from "../engines/engine.ts";
import { survey } from "../engines/survey.ts";
import type { Instant } from "../kernel/instant.ts";
import { decide } from "../workflows/converge/decide.ts";
import { type Attempts, decideMove, type Move } from "../workflows/reconcile/decide.ts";
import { createBringBack } from "./bring-back.ts";
import type { Executor } from "./executor.ts";
import type { Revision } from "./revisions.ts";
import { toldOnce } from "./told-once.ts";
import { createCertificateWatch } from "./watch-certificates.ts";
import { watchWaysOut } from "./watch-ways-out.ts";

export interface Wanted {
  readonly revision: Revision;
  readonly wish: "running" | "stopped";
}

export interface ReconcilerParts {
  readonly engine: Engine;
  readonly store: Store;
  readonly executor: Pick<Executor, "converge" | "apply">;
  /** The revision that was applied last, and whether its fleet is meant to run. */
  readonly wanted: () => Promise<Wanted | undefined>;
  readonly now: () => Instant;
  readonly fault: (error: unknown) => void;
}

const REST: Move = { move: "rest" };
const ACTOR = { kind: "reconciler", name: "reconciler" } as const;
/** Changes tell themselves; this is for those that do not (files, databases) and for windows that open. */
const LOOK_EVERY_MS = 12_000;
/** Events come in bursts: a container that ends tells so five times. */
const SETTLE_MS = 800;

/** What is remembered of a stack between two looks. */
interface Memory {
  said: string;
  attempts: Attempts;
}

/** One look at everything; mends or reports what differs from what was applied last. Remembers what it saw and tried. */
export function createLook(parts: ReconcilerParts): () => Promise<void> {
  const memories = new Map<StackId, Memory>();
  const bringBack = createBringBack(parts);
  const certificates = createCertificateWatch(parts);
  return () => lookOnce(parts, memories, { bringBack, certificates });
}

/** Looks whenever something changes, and from time to time. */
export function startReconciler(parts: ReconcilerParts): { stop(): Promise<void> } {
  const look = createLook(parts);
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  const told = toldOnce(parts.fault);
  function wake(delay: number): void {
    clearTimeout(timer);
    if (stopping.signal.aborted) return;
    timer = setTimeout(() => {
      looking = look()
        .then(told.over, told.fault)
        .finally(() => wake(LOOK_EVERY_MS));
    }, delay).unref();
  }
  wake(LOOK_EVERY_MS);
  void watchFor(parts, () => wake(SETTLE_MS), stopping.signal);
  return {
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await looking;
    },
  };
}

/** Listens to the engine for as long as this process lives; a broken line is taken up again. */
async function watchFor({ engine, fault }: ReconcilerParts, changed: () => void, signal: AbortSignal): Promise<void> {
  const told = toldOnce(fault);
  while (!signal.aborted && engine.watch !== undefined) {
    await engine.watch(changed, signal).then(told.over, (error: unknown) => {
      if (!signal.aborted) told.fault(error);
    });
    if (signal.aborted) return;
    // What happened while nobody listened is found by looking.
    changed();
    await new Promise((resolve) => setTimeout(resolve, 2000).unref());
  }
}

async function lookOnce(
  parts: ReconcilerParts,
  memories: Map<StackId, Memory>,
  { bringBack, certificates }: { bringBack: ReturnType<typeof createBringBack>; certificates: ReturnType<typeof createCertificateWatch> },
): Promise<void> {
  const wanted = await parts.wanted();
  if (wanted === undefined) return;
  const running = (await parts.store.operations({ limit: 20 })).some((one) => one.state === "running");
  if (running) return;
  const returned = await bringBack({ revision: wanted.revision.hash, wish: wanted.wish });
  if (returned || wanted.wish === "stopped") return;
  const stacks = [...wanted.revision.stacks.values()];
  for (const known of memories.keys()) if (!wanted.revision.stacks.has(known)) memories.delete(known);
  const observations = await survey(parts.engine, stacks);
  await watchWaysOut(parts, observations).catch(parts.fault);
  await certificates(stacks).catch(parts.fault);
  for (const [index, desired] of stacks.entries()) {
    const memory = memories.get(desired.id) ?? { said: "", attempts: { failed: 0, lastAt: 0 } };
    memories.set(desired.id, memory);
    const move = await judge(parts, wanted.revision, { desired, seen: observations[index] as Observation, memory });
    if (move.move === "mend" || move.move === "carry-out")
      await act(parts, { revision: wanted.revision, stack: desired.id, because: `${move.move}: ${move.because}` }, memory);
  }
}

interface Look {
  readonly desired: Stack;
  readonly seen: Observation;
  readonly memory: Memory;
}

async function judge(parts: ReconcilerParts, revision: Revision, { desired, seen, memory }: Look): Promise<Move> {
  const drift = driftOf(desired, seen);
  if (drift.length === 0) memory.attempts = { failed: 0, lastAt: 0 };
  // Asking the calendars costs more than looking: it is left where nothing differs.
  const move = drift.length === 0 ? REST : moveFor(parts, revision, { desired, seen, memory }, drift);
  await record(parts, { stack: desired.id, drift, move }, memory);
  return move;
}

function moveFor(parts: ReconcilerParts, revision: Revision, { desired, seen, memory }: Look, drift: readonly Drift[]): Move {
  const now = parts.now();
  const snapshot = revision.snapshot(desired.id, now);
  const decision = decide({ desired, seen, snapshot, now }, { actor: ACTOR, closing: "keep-data" });
  const policy = driftPolicy(revision.loaded, desired.id);
  return decideMove({ policy, drift, decision, attempts: memory.attempts }, now);
}

/** Writes down what is new, once: drift that came, and drift that went. */
async function record(
  parts: ReconcilerParts,
  found: { stack: StackId; drift: readonly Drift[]; move: Move },
  memory: Memory,
): Promise<void> {
  const { stack, move } = found;
  const behindOurBack = found.drift.filter((one) => one.kind !== "pending");
  const words = behindOurBack.map((one) => `${one.node} ${one.says}`);
  const said = words.join("; ");
  if (said === memory.said) return;
  const act = said === "" ? "drift.gone" : "drift.seen";
  const answer = move.move === "rest" ? "waits" : move.move;
  const reasons = said === "" ? [`no longer: ${memory.said}`] : [...words, ...(move.move === "rest" ? [] : [`${answer}: ${move.because}`])];
  memory.said = said;
  await parts.store.appendLedger(
    { actor: ACTOR.name, act, subject: stack, reasons, evidence: { nodes: behindOurBack.length, answer } },
    new Date(parts.now()),
  );
}

interface Deed {
  readonly revision: Revision;
  readonly stack: StackId;
  readonly because: string;
}

/** Lets one stack converge like a person's apply would, and counts whether it helped. */
async function act(parts: ReconcilerParts, { revision, stack, because }: Deed, memory: Memory): Promise<void> {
  // Looking takes a while, in which somebody may have begun to stop or delete the fleet.
  if ((await parts.wanted())?.wish !== "running") return;
  const at = parts.now();
  // A clock that was put back shows the same moment twice, and the same id would be the same operation.
  const operation = `reconcile-${stack.replaceAll("/", "-")}-${at.toString(36)}-${randomBytes(3).toString("hex")}`;
  const ended = await parts.executor.converge({
    operation,
    root: operation,
    revision: revision.hash,
    stack,
    wanted: "declared",
    closing: "keep-data",
    actor: ACTOR,
    because,
  });
  const { state } = await ended();
  const helped = state === "done" || state === "held";
  memory.attempts = { failed: helped ? 0 : memory.attempts.failed + 1, lastAt: parts.now() };
}
