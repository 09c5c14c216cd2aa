import type { StackId } from "../../domain/stack/node.ts";
import type { Instant } from "../../kernel/instant.ts";

/** A running operation, or a part of one, as the store has it. */
export interface Work {
  readonly id: string;
  readonly verb: string;
  /** Missing where it is about the whole fleet. */
  readonly stack?: StackId;
  /** The operation of which it is a part. */
  readonly parent?: string;
  readonly running: boolean;
  readonly createdAt: Instant;
  readonly finishedAt?: Instant;
}

/**
 * What the reconciler may do about a stack beside the operations that run. `free`: everything. `theirs`: nothing, an operation works on it or is about to.
 * `repair`: put right what changed by itself, and leave what was asked for to the operation that is late.
 */
export type Claim = "free" | "theirs" | "repair";

/** How long an operation on the whole fleet may show no progress before the stacks that it has not begun are looked after without it. */
const PATIENCE_MS = 2 * 60_000;

/** A running operation on the whole fleet. */
export function isWide(one: Work): boolean {
  return one.running && one.parent === undefined && one.stack === undefined;
}

/**
 * What each stack is claimed for. Pure. A stack under a lease is its holder's. An operation on the whole fleet claims a stack until its part there has ended;
 * those that it has not begun only as long as it gets on, so that one that is stuck keeps nothing else from being repaired.
 */
export function claimsOf(work: readonly Work[], leased: ReadonlySet<StackId>, now: Instant): (stack: StackId) => Claim {
  const wide = work.filter(isWide);
  const claims = wide.map((one) => claimsOfOne(one, work, now));
  return (stack) => {
    if (leased.has(stack)) return "theirs";
    const found = claims.map((claim) => claim(stack));
    if (found.includes("theirs")) return "theirs";
    return found.includes("repair") ? "repair" : "free";
  };
}

function claimsOfOne(operation: Work, work: readonly Work[], now: Instant): (stack: StackId) => Claim {
  const parts = work.filter((one) => one.parent === operation.id);
  const progressAt = Math.max(operation.createdAt, ...parts.map((part) => Math.max(part.createdAt, part.finishedAt ?? 0)));
  // A clock that was put back must not make the patience longer.
  const late = now < progressAt || now - progressAt >= PATIENCE_MS;
  const byStack = new Map(parts.map((part) => [part.stack, part.running] as const));
  return (stack) => {
    const running = byStack.get(stack);
    if (running === false) return "free";
    if (running === true) return "theirs";
    return late ? "repair" : "theirs";
  };
}
