import type { Instant } from "../../kernel/instant.ts";
import type { Change } from "../plan/change.ts";
import { NO_DOWNTIME } from "../stack/kinds/kind.ts";
import type { AnyNode, StackId } from "../stack/node.ts";

/** Something somebody wants to start. Whoever it is, it passes `admit` and nothing else. */
export interface Intent {
  readonly verb: "apply" | "remove" | "stop" | "journey";
  readonly actor: Actor;
  readonly stack: StackId;
  /** What would be done; empty for verbs that change no declaration. */
  readonly changes: readonly Change[];
  /** `--now --reason TEXT`: run outside the window, with a record. */
  readonly override?: { readonly reason: string };
  /** The name typed, for what cannot be undone. */
  readonly confirmed?: string;
  /** Of no use in parts, as a stack that gives up its data to another: where a part of it waits, all of it does. */
  readonly whole?: boolean;
}

export interface Actor {
  readonly kind: "person" | "scheduler" | "reconciler";
  readonly name: string;
}

/** What must be known to answer; gathered by the caller, so that the answer is a pure function. */
export interface AdmissionSnapshot {
  /** Whether people work on this stack: production is protected by its calendar, the rest is not. */
  readonly protectedByCalendar: boolean;
  /** The clock of the business at `now`. Absent where the stack has no calendar of its own. */
  readonly window?: WindowState;
  /** The operation that holds the stack now, if one does. */
  readonly heldBy?: { readonly operation: string; readonly since: Instant };
  /** The name that must be typed before data of this stack is deleted. */
  readonly nameToConfirm: string;
  /** A larger name that covers it: who deletes the whole fleet has typed that of the fleet. */
  readonly alsoConfirmedBy?: string;
}

/** What a calendar says of this instant, in the words of the calendar. */
export interface WindowState {
  readonly admitsDisruption: boolean;
  /** Why not: `maintenance opens Sun 02:00 CET`, `cut-off evening-dispatch protects 15:30-17:30`. */
  readonly because: readonly string[];
  readonly nextOpen?: Instant;
  /** `nextOpen` in the calendar's zone, for people. */
  readonly nextOpenText?: string;
}

export type Verdict = "allow" | "hold" | "deny";

export interface Held {
  readonly change: Change;
  readonly until?: Instant;
  readonly untilText?: string;
  readonly because: string;
}

export interface Admission {
  readonly verdict: Verdict;
  readonly admitted: readonly Change[];
  readonly held: readonly Held[];
  /** Every rule that had a say, in words. */
  readonly reasons: readonly string[];
  /** True when something ran only because a person took the responsibility; goes into the ledger. */
  readonly overridden: boolean;
}

/**
 * Decides what of an intent may start now. Pure.
 * Rules, in order: one operation at a time holds a stack; what deletes data wants its name; what closes production waits for its window (a deletion is
 * refused until then); all else may run.
 */
export function admit(intent: Intent, snapshot: AdmissionSnapshot, now: Instant): Admission {
  if (snapshot.heldBy !== undefined) {
    const seconds = Math.max(0, Math.round((now - snapshot.heldBy.since) / 1000));
    return denied(`${intent.stack} is locked by operation ${snapshot.heldBy.operation} for ${seconds} s`);
  }
  const deleting = intent.changes.filter((change) => change.impact.irreversible);
  const names = [snapshot.nameToConfirm, snapshot.alsoConfirmedBy ?? snapshot.nameToConfirm];
  if (deleting.length > 0 && !names.some((name) => name === intent.confirmed)) {
    return denied(`deleting the data of ${intent.stack} wants its name: --confirm ${snapshot.nameToConfirm}`);
  }
  const disruptive = intent.changes.filter((change) => change.impact.interruption === "closed");
  const window = snapshot.window;
  if (disruptive.length === 0 || !snapshot.protectedByCalendar || window === undefined || window.admitsDisruption) {
    return allowed(intent.changes, disruptive.length > 0 && window !== undefined ? ["inside a maintenance window"] : []);
  }
  if (intent.override !== undefined) {
    return { ...allowed(intent.changes, [`outside the window, by ${intent.actor.name}: ${intent.override.reason}`]), overridden: true };
  }
  return outsideWindow(intent, window);
}

/** Nobody carries out a deletion later: whoever typed the name does it again, once it has closed. All else waits. */
function outsideWindow(intent: Intent, window: WindowState): Admission {
  if (intent.verb !== "remove") return splitByWindow(intent, window);
  return denied(
    `${intent.stack} still serves: ${window.because.join("; ")}; nothing was deleted. Close it first: wait for that window, or ballast apply FOLDER --now --reason TEXT`,
  );
}

function splitByWindow(intent: Intent, window: WindowState): Admission {
  const waiting: { has(node: string): boolean } =
    intent.whole === true ? new Set(intent.changes.filter(acts).map((change) => change.node)) : withDependants(intent.changes);
  const held = intent.changes
    .filter((change) => waiting.has(change.node))
    .map((change) => ({
      change,
      ...(window.nextOpen === undefined ? {} : { until: window.nextOpen }),
      ...(window.nextOpenText === undefined ? {} : { untilText: window.nextOpenText }),
      because: window.because.join("; "),
    }));
  const admitted = [
    ...intent.changes.filter((change) => !waiting.has(change.node)),
    ...held.flatMap(({ change }) => (change.verb === "remove" && change.down === true ? [keptUp(change)] : [])),
  ];
  return { verdict: admitted.some(acts) ? "allow" : "hold", admitted, held, reasons: window.because, overridden: false };
}

/** What goes once the window opens serves until then: where it stopped, it is started as it is. */
function keptUp({ node, kind, observed }: Change): Change {
  const because = [{ text: "stopped, and serves until it is closed" }];
  const desired = { ...observed, from: [] } as unknown as AnyNode;
  return {
    node,
    kind,
    verb: "start",
    desired,
    ...(observed === undefined ? {} : { observed }),
    because,
    impact: NO_DOWNTIME,
    after: [],
  };
}

function acts(change: Change): boolean {
  return change.verb !== "keep";
}

/**
 * What closes the stack, whatever comes after it in the same plan, and what fits only those that wait. A process that is down does not wait with them where
 * what it stands on is there: it starts on that as it is.
 */
function withDependants(changes: readonly Change[]): ReadonlyMap<string, Change> {
  const waiting = new Map(changes.filter(({ impact }) => impact.interruption === "closed").map((change) => [change.node, change]));
  for (let grew = true; grew; ) {
    grew = false;
    for (const change of changes) {
      if (waiting.has(change.node) || !mustWait(change, waiting)) continue;
      waiting.set(change.node, change);
      grew = true;
    }
  }
  return waiting;
}

function mustWait({ node, verb, down, after, fits = [] }: Change, waiting: ReadonlyMap<string, Change>): boolean {
  if (fits.some((id) => waiting.has(id))) return true;
  const before = after.flatMap((id) => waiting.get(id) ?? []);
  if (down !== true || verb === "remove") return before.length > 0;
  if (verb !== "start" && before.some(changesPassword)) return true;
  // What is to be made with others that wait is made with them: it may be new, and fit only what those make of the rest.
  return before.some((one) => one.verb === "create" || (verb === "create" && one.fits?.includes(node) === true));
}

/** Made again before its database knows the new password, a process would be refused there. */
function changesPassword({ because }: Change): boolean {
  return because.some(({ fields = [] }) => fields.some(({ field }) => field.endsWith("-password")));
}

function allowed(changes: readonly Change[], reasons: readonly string[]): Admission {
  return { verdict: "allow", admitted: changes, held: [], reasons, overridden: false };
}

function denied(reason: string): Admission {
  return { verdict: "deny", admitted: [], held: [], reasons: [reason], overridden: false };
}
