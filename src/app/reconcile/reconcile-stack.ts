import { randomBytes } from "node:crypto";
import type { Store } from "../../adapters/store/store.ts";
import { driftPolicy } from "../../domain/blueprint/drift-policy.ts";
import { type Drift, driftOf } from "../../domain/stack/drift.ts";
import type { Stack } from "../../domain/stack/node.ts";
import type { Observation } from "../../domain/stack/observation.ts";
import { restOf } from "../../domain/stack/repeated-repairs.ts";
import type { LookingEngine } from "../../engines/survey.ts";
import type { Instant } from "../../kernel/instant.ts";
import { decide, isOnlyLoss } from "../../workflows/converge/decide.ts";
import { lookAtFormer } from "../../workflows/converge/former.ts";
import type { ConvergeResult } from "../../workflows/converge/request.ts";
import type { Claim } from "../../workflows/reconcile/claims.ts";
import { type Acting, type Attempts, decideMove, type Move } from "../../workflows/reconcile/decide.ts";
import type { Slots } from "../../workflows/slots.ts";
import type { Revision } from "../revisions/revisions.ts";
import type { Executor } from "../serve/executor.ts";
import { RECONCILER } from "./own-apply.ts";
import { NOTHING_TOLD, recordDrift, type ToldDrift } from "./record-drift.ts";
import type { RepairBook } from "./repair-book.ts";

export interface Wanted {
  readonly revision: Revision;
  readonly desired: "running" | "stopped";
}

export interface StackParts {
  readonly engine: LookingEngine;
  readonly store: Pick<Store, "appendLedger">;
  readonly repairs: RepairBook;
  readonly executor: Pick<Executor, "converge">;
  /** The revision that was applied last, and whether its fleet is meant to run. */
  readonly wanted: () => Promise<Wanted | undefined>;
  readonly now: () => Instant;
  readonly slots: Slots;
  /** Ends waiting, not what is waited for: that is durable. */
  readonly signal: AbortSignal;
}

/** What is remembered of a stack between two looks. */
export interface StackMemory {
  drift: ToldDrift;
  attempts: Attempts;
}

/** One stack of a revision, as it was just seen, and what may be done about it. */
export interface StackObservation {
  readonly revision: Revision;
  readonly stack: Stack;
  readonly seen: Observation;
  readonly claim: Claim;
}

const REST: Move = { move: "rest" };
/** Longer than any repair takes: after it the try counts as one that did not help, and its lease says who still works. */
const REPAIR_SECONDS = 45 * 60;

export function newMemory(): StackMemory {
  return { drift: NOTHING_TOLD, attempts: { failed: 0, lastAt: 0 } };
}

/** Repairs or reports how one stack differs from what was applied last. */
export async function reconcileStack(parts: StackParts, observation: StackObservation, memory: StackMemory): Promise<void> {
  const drift = driftOf(observation.stack, observation.seen);
  if (drift.length === 0) memory.attempts = { failed: 0, lastAt: 0 };
  // Asking the calendars costs more than looking: it is left where nothing differs.
  const move = drift.length === 0 ? REST : await moveFor(parts, observation, drift, { now: parts.now(), memory });
  memory.drift = await recordDrift(parts, { actor: RECONCILER.name, stack: observation.stack.id, drift, move }, memory.drift);
  if (move.move !== "repair" && move.move !== "carry-out") return;
  await act(parts, observation, { move, drift }, memory);
}

async function moveFor(
  { engine, repairs }: StackParts,
  { revision, stack, seen, claim }: StackObservation,
  drift: readonly Drift[],
  at: { now: Instant; memory: StackMemory },
): Promise<Move> {
  // What is not made yet, or not as it was asked for, is left to the operation that was asked.
  if (claim === "repair" && drift.some((one) => one.kind === "pending" || one.kind === "missing")) return REST;
  const { now, memory } = at;
  const snapshot = await revision.snapshot(stack.id, now);
  const former = await lookAtFormer(engine, revision, { stack: stack.id, now });
  const look = { desired: stack, seen, snapshot, now, ...(former === undefined ? {} : { former }) };
  const decision = decide(look, { actor: RECONCILER, closing: "keep-data" });
  return decideMove(
    {
      policy: driftPolicy(revision.loaded, stack.id),
      drift,
      decision,
      attempts: memory.attempts,
      rest: restOf(await repairs.of(stack.id), drift, now),
      restarts: await repairs.restartsOf(stack.id, now),
    },
    now,
  );
}

/** Lets one stack converge like a person's apply would, and counts whether it helped. */
async function act(
  parts: StackParts,
  { revision, stack }: StackObservation,
  { move, drift }: { readonly move: Acting; readonly drift: readonly Drift[] },
  memory: StackMemory,
): Promise<void> {
  await parts.slots.run(async () => {
    // Looking and waiting take a while, in which somebody may have begun to stop, delete or change the fleet.
    const wanted = await parts.wanted();
    if (parts.signal.aborted || wanted?.desired !== "running" || wanted.revision.hash !== revision.hash) return;
    const at = parts.now();
    // A clock that was put back shows the same moment twice, and the same id would be the same operation.
    const operation = `reconcile-${stack.id.replaceAll("/", "-")}-${at.toString(36)}-${randomBytes(3).toString("hex")}`;
    const counted = move.move === "repair" && !memory.drift.told && memory.attempts.failed === 0;
    if (move.move === "repair") await parts.repairs.add(stack.id, drift, at);
    const ended = await parts.executor.converge({
      operation,
      root: operation,
      revision: revision.hash,
      stack: stack.id,
      wanted: "declared",
      closing: "keep-data",
      actor: RECONCILER,
      because: `${move.move}: ${move.because}`,
      ...(counted ? { counted } : {}),
    });
    try {
      if (move.restarts === true) await parts.repairs.addRestart(stack.id, at);
    } finally {
      await countEnd(parts, ended, memory);
    }
  });
}

/** Counts whether a repair helped; work that throws has not helped either. */
async function countEnd({ signal, now }: StackParts, ended: Parameters<typeof endOf>[0], memory: StackMemory): Promise<void> {
  let state = "thrown";
  try {
    state = await endOf(ended, signal);
  } finally {
    const helped = state === "done" || state === "held" || state === "only lost";
    if (state !== "left") memory.attempts = { failed: helped ? 0 : memory.attempts.failed + 1, lastAt: now() };
  }
}

/** How it ended; `late` where it takes too long, `left` where this process ends first, `only lost` where nothing failed but that data is gone. */
async function endOf(ended: () => Promise<Pick<ConvergeResult, "state" | "problems">>, signal: AbortSignal): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve("late"), REPAIR_SECONDS * 1000).unref();
  const leave = () => resolve("left");
  signal.addEventListener("abort", leave, { once: true });
  try {
    return await Promise.race([ended().then(({ state, problems }) => (isOnlyLoss(problems) ? "only lost" : state)), promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", leave);
  }
}
