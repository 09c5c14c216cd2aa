import { type Actor, type Admission, type AdmissionSnapshot, admit, type Intent } from "../../domain/admission/admit.ts";
import type { Change, Closing, Obstacle, StackPlan } from "../../domain/plan/change.ts";
import { standingOn } from "../../domain/plan/lost.ts";
import { planStack } from "../../domain/plan/plan.ts";
import { type NodeId, type Stack, type StackId } from "../../domain/stack/node.ts";
import type { Observation } from "../../domain/stack/observation.ts";
import { lateWaves } from "../../domain/stack/order.ts";
import { LOST, remedyOfLoss } from "../../domain/stack/taken-places.ts";
import type { Instant } from "../../kernel/instant.ts";
import type { Problem } from "../../kernel/problem.ts";

/** What a request to converge asks for, beyond the stack. */
export interface Desired {
  readonly actor: Actor;
  readonly closing: Closing;
  readonly override?: { readonly reason: string };
  readonly confirmed?: string;
}

/** What one look at a stack leads to. Plain data: it is kept, and a resumed operation goes on with it. */
export interface Decision {
  readonly verdict: Admission["verdict"] | "unknown";
  /** Changes to make, in waves: those of one wave may be made at once. */
  readonly waves: readonly (readonly Change[])[];
  readonly held: readonly HeldPart[];
  readonly kept: readonly NodeId[];
  readonly reasons: readonly string[];
  readonly overridden: boolean;
  readonly problems: readonly Problem[];
  /** What held data and is gone. The rest is done; the operation does not end well. */
  readonly lost: readonly Problem[];
  /** What could not be judged yet, because what it stands on is part of this decision: check again afterwards. */
  readonly unjudged: readonly NodeId[];
}

export interface HeldPart {
  readonly node: NodeId;
  readonly until?: string;
  readonly because: string;
}

/** What was seen of one stack, and what must be known to judge it. */
export interface Look {
  readonly desired: Stack;
  readonly seen: Observation;
  readonly snapshot: AdmissionSnapshot;
  readonly now: Instant;
  /** Another stack whose data this one takes over, and which has not given it up. */
  readonly former?: Former;
  /** Of a stack that is deleted by its name: what holds data of it and cannot be seen. */
  readonly unseen?: readonly Problem[];
}

export interface Former {
  readonly stack: StackId;
  /** `serves`: it must be closed before anything is taken over. `unknown`: it cannot be determined. */
  readonly state: "serves" | "unknown";
  readonly because: string;
  readonly until?: string;
}

/** Two names never serve the same data, and nothing is begun next to data that is to be taken over. */
function waitsForFormer(plan: StackPlan, { stack, state, because, until }: Former): Decision {
  const text = `takes over the data of ${stack}: ${because}`;
  if (state === "unknown") return nothingTo("unknown", [{ code: "BAL-W003", severity: "error", at: plan.stack, message: text }]);
  const held = plan.changes
    .filter((change) => change.verb !== "keep")
    .map((change) => ({ node: change.node, ...(until === undefined ? {} : { until }), because: text }));
  return { ...nothingTo("hold", []), held, reasons: [text] };
}

/** Decides what to do with a stack from what was seen. Pure: the clock and the engine are the caller's. */
export function decide(look: Look, desired: Desired): Decision {
  const plan = planStack(look.desired, look.seen, desired.closing);
  // Whoever deletes the rest leaves that behind, and nobody looks for it any more.
  if (look.unseen !== undefined && look.unseen.length > 0) return nothingTo("unknown", look.unseen);
  if (look.former !== undefined) return waitsForFormer(plan, look.former);
  const refused = plan.obstacles.filter((obstacle) => obstacle.kind === "refused");
  if (refused.length > 0) return nothingTo("deny", refused.map(asProblem));
  const unknown = plan.obstacles.filter((obstacle) => obstacle.kind === "unknown");
  const lost = plan.obstacles.filter((obstacle) => obstacle.kind === "lost").map(asProblem);
  const unjudged = unknown.map((obstacle) => obstacle.node);
  const blind = standingOn(look.desired, unjudged);
  const changes = plan.changes.filter((change) => change.verb !== "keep" && !blind.has(change.node));
  // A server that is down hides its databases: it may be started, and then they are looked at. Nothing else is done about what is unknown.
  if (unjudged.length > 0 && changes.length === 0) return nothingTo("unknown", [...lost, ...unknown.map(asProblem)]);
  const intent: Intent = {
    verb: desired.closing === "remove-all" ? "remove" : "apply",
    actor: desired.actor,
    stack: look.desired.id,
    changes,
    ...(desired.override === undefined ? {} : { override: desired.override }),
    ...(desired.confirmed === undefined ? {} : { confirmed: desired.confirmed }),
    // A stack that goes, or hands over what it holds, does so in one go.
    ...(look.desired.nodes.length === 0 ? { whole: true } : {}),
  };
  const admission = admit(intent, look.snapshot, look.now);
  if (admission.verdict === "deny") {
    return nothingTo(
      "deny",
      admission.reasons.map((message) => ({ code: "BAL-W002", severity: "error", at: look.desired.id, message })),
    );
  }
  return {
    verdict: admission.verdict,
    waves: inWaves(admission.admitted),
    held: admission.held.map((held) => ({
      node: held.change.node,
      ...(held.untilText === undefined ? {} : { until: held.untilText }),
      because: held.because,
    })),
    kept: plan.changes.filter((change) => change.verb === "keep").map((change) => change.node),
    reasons: admission.reasons,
    overridden: admission.overridden,
    problems: [],
    lost,
    unjudged,
  };
}

function nothingTo(verdict: Decision["verdict"], problems: readonly Problem[]): Decision {
  return {
    verdict,
    waves: [],
    held: [],
    kept: [],
    reasons: problems.map((problem) => problem.message),
    overridden: false,
    problems,
    lost: [],
    unjudged: [],
  };
}

function asProblem(obstacle: Obstacle): Problem {
  const at = obstacle.node;
  if (obstacle.kind === "lost")
    return {
      code: LOST,
      severity: "error",
      at,
      message: `${obstacle.because}; it is not recreated by itself`,
      hint: remedyOfLoss(at, obstacle.instead),
    };
  const code = obstacle.kind === "unknown" ? "BAL-W003" : "BAL-W004";
  return { code, severity: "error", at, message: obstacle.because };
}

/** True where nothing else is wrong than that data is gone: trying again does not help, and nothing else has failed. */
export function isOnlyLoss(problems: readonly Problem[]): boolean {
  return problems.length > 0 && problems.every((problem) => problem.code === LOST);
}

function inWaves(changes: readonly Change[]): readonly (readonly Change[])[] {
  const byNode = new Map(changes.map((change) => [change.node, change]));
  return lateWaves(new Map(changes.map((change) => [change.node, change.after]))).map((wave) => wave.map((id) => byNode.get(id) as Change));
}

/**
 * True where everything that is left concerns nodes that were in order when it was decided: they failed meanwhile, as an Odoo does whose server comes back.
 * So did a page whose Odoo was not changed: that process ended a moment ago, or is about to, and the next look sees it.
 */
export function failedMeanwhile(left: readonly Problem[], { waves }: Pick<Decision, "waves">): boolean {
  const changes = waves.flat();
  const touched = new Set(changes.map((change) => change.node));
  const touchedPages = changes.some(servesPages);
  const meanwhile = ({ code, at }: Problem) => (code === NO_PAGE ? !touchedPages : code === STILL_TO_DO && !touched.has(at));
  return left.length > 0 && left.every(meanwhile);
}

function servesPages({ desired }: Change): boolean {
  return desired?.kind === "odoo" && desired.spec.roles.includes("web");
}

/** After the changes of a stack, its users get no page. */
export const NO_PAGE = "BAL-W044";
const STILL_TO_DO = "BAL-W005";

/** What is left to do after an operation did what was admitted; held and kept parts are expected to be left. */
export function leftUndone(plan: StackPlan, decision: Pick<Decision, "held">): readonly Problem[] {
  const held = new Set(decision.held.map((part) => part.node));
  // What is lost was said when it was decided.
  const problems: Problem[] = plan.obstacles.filter((obstacle) => obstacle.kind !== "lost").map(asProblem);
  for (const change of plan.changes) {
    if (change.verb === "keep" || held.has(change.node)) continue;
    const because = change.because.map((reason) => reason.text).join("; ");
    problems.push({ code: STILL_TO_DO, severity: "error", at: change.node, message: `still to ${change.verb}: ${because}` });
  }
  return problems;
}
