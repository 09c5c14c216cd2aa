import { mayRestart, RESTARTS_AN_HOUR } from "../../domain/health/restart.ts";
import type { Drift } from "../../domain/stack/drift.ts";
import { type Rest, restWords } from "../../domain/stack/repeated-repairs.ts";
import type { Instant } from "../../kernel/instant.ts";
import type { Problem } from "../../kernel/problem.ts";
import type { Decision } from "../converge/decide.ts";

/** What the reconciler knows of one stack of a fleet that is meant to run, when it has looked and no operation runs. */
export interface StackView {
  readonly policy: "repair" | "report";
  readonly drift: readonly Drift[];
  readonly decision: Pick<Decision, "waves" | "held" | "problems" | "lost">;
  readonly attempts: Attempts;
  /** What differs was put right again and again, and is left as it is for now. */
  readonly rest?: Rest | undefined;
  /** When what hung was restarted before. */
  readonly restarts?: readonly Instant[];
}

/** Repairing tries of one stack that did not help, since it was last as wanted. */
export interface Attempts {
  readonly failed: number;
  readonly lastAt: Instant;
}

export type Move = { readonly move: "rest" } | { readonly move: "report"; readonly because: string } | Acting;

/** `carry-out`: what somebody applied, whose time has come. `repair`: what changed behind Ballast's back. */
export interface Acting {
  readonly move: "carry-out" | "repair";
  readonly because: string;
  /** Ends what hangs. */
  readonly restarts?: true;
}

const SECOND = 1000;
const FIRST_PAUSE = 30 * SECOND;
const LONGEST_PAUSE = 30 * 60 * SECOND;
/** After so many tries that did not help, somebody must look. */
export const MOST_TRIES = 5;

/** How long the reconciler waits after a number of tries that did not help: half a minute, doubling up to half an hour. */
export function pauseAfter(failed: number): number {
  return failed === 0 ? 0 : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failed - 1));
}

/** Whether the pause after the last try still lasts. A clock that was put back must not make it longer: then the pause counts as over. */
export function isResting({ failed, lastAt }: Attempts, now: Instant): boolean {
  return now >= lastAt && now < lastAt + pauseAfter(failed);
}

/** What is lost stops only what there is to do about it: the rest of its stack is repaired. */
function stoppedBy({ problems, waves, lost }: StackView["decision"]): Problem | undefined {
  return problems[0] ?? (waves.length === 0 ? lost[0] : undefined);
}

/**
 * Decides what the reconciler does about one stack. Pure: who looks and when is the caller's.
 * What a person applied is carried out once its window is open, whatever the tier says of drift: it was asked for. What changed by itself is
 * repaired or only reported, as the tier says, and never against the calendar.
 */
export function decideMove({ policy, drift, decision, attempts, rest, restarts = [] }: StackView, now: Instant): Move {
  if (drift.length === 0) return { move: "rest" };
  const problem = stoppedBy(decision);
  if (problem !== undefined) return { move: "report", because: problem.message };
  const changes = decision.waves.flat();
  if (changes.length === 0) {
    const held = decision.held[0];
    return held === undefined ? { move: "report", because: "is not ours to change" } : { move: "report", because: `held: ${held.because}` };
  }
  const pending = new Set(drift.filter((one) => one.kind === "pending").map((one) => one.node));
  const asked = changes.some((change) => pending.has(change.node));
  const left = asked ? undefined : whyLeft(policy, rest);
  if (left !== undefined) return { move: "report", because: left };
  if (attempts.failed >= MOST_TRIES) return { move: "report", because: `${attempts.failed} tries did not help: somebody must look` };
  if (isResting(attempts, now)) return { move: "rest" };
  if (!changes.some((change) => change.restarts === true)) return act(asked, drift);
  if (mayRestart(restarts, now)) return { ...act(asked, drift), restarts: true };
  return { move: "report", because: `it hangs again after ${RESTARTS_AN_HOUR} restarts within an hour: somebody must look` };
}

/** Why what nobody asked for is left as it is. */
function whyLeft(policy: StackView["policy"], rest: StackView["rest"]): string | undefined {
  if (policy === "report") return "the tier says to report drift, not to repair it";
  return rest === undefined ? undefined : restWords(rest);
}

function act(asked: boolean, drift: readonly Drift[]): Acting {
  return asked
    ? { move: "carry-out", because: "its window is open" }
    : { move: "repair", because: drift.map((one) => `${one.node} ${one.says}`).join("; ") };
}
