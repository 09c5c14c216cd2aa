import type { Drift } from "../stack/drift.ts";
import { KINDS } from "../stack/kinds/facts.ts";
import type { NodeKind } from "../stack/node.ts";
import { remedyOfLoss } from "../stack/taken-places.ts";
import type { Because, Why } from "./answer.ts";

/** What is seen of a stack, as the control plane tells it. */
export interface SeenStack {
  readonly stack: string;
  readonly state: "serving" | "degraded" | "down" | "unknown" | "stopped" | "suspended" | "undeclared";
  readonly because: readonly string[];
  /** The former name that still serves, where it was renamed and nothing of it was begun. */
  readonly waitsFor?: string | undefined;
  readonly drift: readonly Drift[];
  readonly nodes: readonly {
    readonly node: string;
    readonly kind: string;
    readonly condition: string;
    readonly because?: string | undefined;
  }[];
}

/** What an apply would do to it now, where its files are at hand. */
export interface WaitingChange {
  readonly node: string;
  readonly verb: string;
  readonly because: readonly string[];
  readonly from?: string | undefined;
  readonly held?: { readonly until?: string | undefined; readonly because: string } | undefined;
}

export interface StateQuestion {
  readonly subject: string;
  readonly seen: SeenStack;
  readonly changes: readonly WaitingChange[];
  readonly asOf: string;
  /** How a command names the fleet. */
  readonly fleet: string;
}

/** How the health of a stack follows from its nodes: see `healthOf`. What else is asked of one that serves depends on what it has: see `ASKED`. */
const RULES: Readonly<Record<SeenStack["state"], string>> = {
  serving: "every node is there and does its work",
  degraded: "nothing is missing, and a node is stopped or failing, its page comes too late, or Odoo leaves work undone",
  down: "at least one node is not there, every process is stopped and nobody wanted that, or no page is answered",
  unknown: "a node, the page or the certificate cannot be seen, and unknown is never taken for absent",
  stopped: "every process is stopped, as somebody wanted, and everything else is there",
  suspended: "the fleet declares it suspended: nobody gets in, and its data is kept",
  undeclared: "the fleet does not declare it any more; what holds data is kept",
};

/** What a stack that serves was asked for beside its nodes, by the kind that answers. */
const ASKED: Readonly<Record<string, string>> = {
  route: "a page was asked for through the ingress and answered",
  ingress: "the ingress was asked for its certificate and showed the one that it was given",
};

function ruleOf({ state, waitsFor, nodes }: SeenStack): string {
  if (waitsFor === undefined) {
    const asked = state === "serving" ? nodes.flatMap(({ kind }) => ASKED[kind] ?? []) : [];
    return [RULES[state], ...new Set(asked)].join(", and ");
  }
  return `it is renamed from ${waitsFor}, which serves until its window; then it takes over its data, and nothing of it was begun before`;
}

/** Kinds of drift that the conditions of the nodes do not tell by themselves. */
const NAMED = new Set<Drift["kind"]>(["edited", "foreign", "undeclared", "pending"]);

/** Why a stack, or one node of it, is as it is. */
export function whyState({ subject, seen, changes, asOf, fleet }: StateQuestion): Why {
  const whole = subject === seen.stack;
  const mine = (node: string) => whole || node === subject;
  const nodes = seen.nodes.filter((one) => mine(one.node));
  const wrong = nodes.filter((one) => one.condition !== "serving");
  // What the nodes say of themselves stands above; the page, the certificate and work left undone are of the whole stack.
  const others = whole ? seen.because.filter((words) => !wrong.some((one) => words.startsWith(one.node))) : [];
  const held = changes.filter((change) => change.held !== undefined && mine(change.node));
  const open = changes.filter((change) => change.held === undefined && change.verb !== "keep" && mine(change.node));
  const lost = nodes.filter((one) => one.condition === "lost").map((one) => one.node);
  const state = seen.waitsFor === undefined ? seen.state : "waiting";
  const condition = whole ? state : (nodes[0]?.condition ?? "absent");
  return {
    subject,
    about: "state",
    says: `${subject} is ${condition}${whole ? "" : `; ${seen.stack} is ${state}`}, as of ${asOf}`,
    because: [
      { text: ruleOf(seen), rule: `state ${state} of ${seen.nodes.length} nodes` },
      ...wrong.map(
        (one): Because => ({ text: `${one.kind === "" ? "it" : one.kind} is ${one.condition}${words(one.because)}`, at: one.node }),
      ),
      ...others.map((text): Because => ({ text, at: seen.stack })),
      ...seen.drift
        .filter((one) => mine(one.node) && NAMED.has(one.kind))
        .map(({ node, kind, says }): Because => ({ text: says, rule: kind, at: node })),
      ...held.map(heldBecause),
      ...open.map(
        (change): Because => ({ text: `${change.verb} is wanted: ${change.because.join("; ")}`, at: change.from ?? change.node }),
      ),
    ],
    repair: repairOf(seen, { fleet, held: held.length, open: open.length, lost }),
    next: nextOf(seen, { fleet, held: held.length, open: open.length, lost, worst: wrong.find(hasLog)?.node }),
  };
}

/** What is away, or is no process, has written nothing that could be shown. */
function hasLog({ kind, condition }: SeenStack["nodes"][number]): boolean {
  return condition !== "absent" && condition !== "lost" && KINDS[kind as NodeKind]?.runs !== false;
}

function words(because: string | undefined): string {
  return because === undefined ? "" : `: ${because}`;
}

function heldBecause({ node, verb, held, because }: WaitingChange): Because {
  const until = held?.until === undefined ? "with no opening foreseen" : `until ${held.until}`;
  return {
    text: `${verb} (${because.join("; ")}) is held ${until}: ${held?.because ?? ""}`,
    rule: "what closes production waits for its window",
    at: node,
  };
}

interface Waiting {
  /** How a command names the fleet. */
  readonly fleet: string;
  readonly held: number;
  readonly open: number;
  /** What held data and is gone: nothing is made in its place by itself. */
  readonly lost: readonly string[];
}

function repairOf({ state, drift }: SeenStack, { fleet, held, open, lost }: Waiting): readonly string[] {
  return [
    ...(state === "stopped" ? ["up starts what is stopped"] : []),
    ...lost.map((node) => `${node}: ${remedyOfLoss(node, undefined, fleet)}`),
    ...(lost.length === 0 && (state === "down" || open > 0 || drift.length > 0) ? ["apply makes what is missing and what differs"] : []),
    ...(state === "degraded" ? ["its log says what its process says; apply starts it again"] : []),
    ...(state === "unknown" ? ["make the engine answer again; what cannot be seen is not touched"] : []),
    ...(state === "undeclared" ? ["declare it again, or leave it: nothing of it is deleted by itself"] : []),
    ...(held > 0 ? ["apply inside the window, or at once with a reason that is recorded"] : []),
  ];
}

/** A journey is for environments that serve: a pool and a platform have no Odoo. */
function mayJourney({ state, nodes }: Pick<SeenStack, "state" | "nodes">): boolean {
  return state === "serving" && nodes.some(({ kind }) => kind === "odoo");
}

function nextOf(
  { stack, state, nodes }: SeenStack,
  { fleet, held, open, lost, worst }: Waiting & { readonly worst: string | undefined },
): readonly string[] {
  const apply = lost.length === 0 && (state === "down" || state === "degraded" || open > 0) ? [`ballast apply ${fleet}`] : [];
  return [
    ...(state === "stopped" ? [`ballast up ${fleet}`] : []),
    ...apply,
    ...(held > 0 ? [`ballast apply ${fleet} --now --reason TEXT`] : []),
    ...(worst === undefined ? [] : [`ballast logs ${worst}`]),
    ...(lost.length > 0 ? [`ballast plan ${fleet}`] : []),
    ...(state === "unknown" ? ["ballast doctor"] : []),
    ...(open + held === 0 && mayJourney({ state, nodes }) ? [`ballast journey ${stack}`] : []),
  ];
}
