import type { Change } from "../../domain/plan/change.ts";
import { planStack } from "../../domain/plan/plan.ts";
import { KINDS } from "../../domain/stack/kinds/facts.ts";
import { type NodeId, nameOf, nodeId, type Stack, stackOf } from "../../domain/stack/node.ts";
import type { ApplyContext } from "../../engines/engine.ts";
import type { Problem } from "../../kernel/problem.ts";
import { type BrokeOff, registerTold } from "../broken.ts";
import { refuseWhereDeleted } from "../deletion.ts";
import { endWork } from "../end.ts";
import { type InFlight, settleStack } from "../in-flight.ts";
import type { CompiledRevision, Services } from "../services.ts";
import { createSlots } from "../slots.ts";
import { type Outcome, runStep } from "../step.ts";
import { refuseWhereStopped } from "../stopped.ts";
import { begin, PATIENCE_SECONDS } from "./begin.ts";
import { type Decision, decide, failedMeanwhile, type HeldPart, leftUndone, NO_PAGE } from "./decide.ts";
import { carryOutDecided } from "./decided.ts";
import { lookAtFormer } from "./former.ts";
import { pageFault } from "./page-fault.ts";
import { type Converge, type ConvergeRequest, type ConvergeResult, endWords } from "./request.ts";

/** Registers the workflow that every change of a stack goes through: lease, decide, change in waves, check again, let go. */
export function registerConverge(services: Services, inFlight: InFlight, brokeOff: BrokeOff): Converge {
  const slots = createSlots(PARTS_AT_ONCE, PART_PATIENCE_MS);
  async function converge(request: ConvergeRequest): Promise<ConvergeResult> {
    return request.root === request.operation ? await bring(request) : await slots.run(() => bring(request));
  }
  async function bring(request: ConvergeRequest): Promise<ConvergeResult> {
    const result = await changed(request);
    await settleStack(services, inFlight, request);
    return await finish(services, request, result);
  }
  async function changed(request: ConvergeRequest): Promise<ConvergeResult> {
    const begun = await runStep(services, { name: `begin ${request.stack}`, timeoutSeconds: PATIENCE_SECONDS + 30 }, () =>
      begin(services, request),
    );
    if (!begun.ok) return ended(request, "failed", begun.problems);
    const undecided = begun.value === undefined ? await carryOutDecided({ services, inFlight }, request) : [];
    if (undecided.length > 0) return ended(request, "failed", undecided);
    const total: Progress = { changed: [], held: [], kept: [], problems: [], broken: [], lost: [] };
    for (let round = 1; round <= ROUNDS; round++) {
      const name = `decide ${request.stack}${round === 1 ? "" : `, look ${round}`}`;
      const decided = await runStep(services, { name, timeoutSeconds: 60 }, () =>
        look(services, request, { heldBy: begun.value, key: name }),
      );
      if (!decided.ok) return ended(request, "unknown", decided.problems);
      const decision = decided.value;
      if (decision.problems.length > 0) {
        return ended(request, decision.verdict === "unknown" ? "unknown" : "refused", decision.problems);
      }
      if (!(await carryOut({ services, inFlight }, request, decision, total))) break;
    }
    const { changed, held, kept } = total;
    const problems = [...total.problems, ...total.broken, ...total.lost];
    const state = problems.length > 0 ? "failed" : held.length > 0 ? "held" : "done";
    return { stack: request.stack, state, changed, held, kept, problems };
  }
  return registerTold({ name: "converge", log: services.log }, converge, brokeOff);
}

/** How many parts of larger operations change at the same time, and after how long one goes on beside those. */
const PARTS_AT_ONCE = 4;
const PART_PATIENCE_MS = 60_000;

/** How often a stack is looked at: a server that comes up shows its databases, and who lost it meanwhile may have ended. */
const ROUNDS = 5;

interface Doing {
  readonly services: Services;
  readonly inFlight: InFlight;
}

interface Progress {
  readonly changed: { node: NodeId; verb: Change["verb"] }[];
  held: readonly HeldPart[];
  kept: readonly NodeId[];
  readonly problems: Problem[];
  /** What broke while the last changes were made: no failure as long as there is another look. */
  broken: readonly Problem[];
  /** What held data and is gone, at the last look. */
  lost: readonly Problem[];
}

/**
 * Makes the changes of one decision, wave by wave, and looks whether they had their effect. Stops after the first wave with a problem.
 * True where another look is wanted.
 */
async function carryOut(doing: Doing, request: ConvergeRequest, decision: Decision, total: Progress): Promise<boolean> {
  const { services } = doing;
  total.broken = [];
  total.lost = decision.lost;
  total.held = decision.held;
  total.kept = decision.kept;
  for (const wave of decision.waves) {
    const outcomes = await Promise.all(wave.map((change) => makeChange(doing, request, change)));
    wave.forEach((change, index) => {
      const outcome = outcomes[index] as Outcome<unknown>;
      if (outcome.ok) total.changed.push({ node: change.node, verb: change.verb });
      else total.problems.push(...outcome.problems);
    });
    if (total.problems.length > 0) return false;
  }
  if (total.changed.length === 0 || decision.unjudged.length > 0) return decision.unjudged.length > 0;
  const verified = await runStep(services, { name: `verify ${request.stack}`, timeoutSeconds: 60 }, () =>
    verify(services, request, decision),
  );
  const left = verified.ok ? verified.value : verified.problems;
  if (failedMeanwhile(left, decision)) total.broken = left;
  else total.problems.push(...left);
  return total.broken.length > 0;
}

function ended(request: ConvergeRequest, state: ConvergeResult["state"], problems: readonly Problem[]): ConvergeResult {
  return { stack: request.stack, state, changed: [], held: [], kept: [], problems };
}

function wantedStack(compiled: CompiledRevision, request: ConvergeRequest): Stack {
  const nothing: Stack = { id: request.stack, role: "environment", nodes: [] };
  if (request.wanted === "gone") return nothing;
  const original = request.stack.slice(0, request.stack.indexOf("~"));
  // An earlier version, whose work is taken up, called it a twin.
  const isClone = request.wanted === "clone" || request.wanted === "twin";
  return (isClone ? compiled.cloneOf(original) : compiled.stacks.get(request.stack)) ?? nothing;
}

interface Looking {
  readonly heldBy: { readonly operation: string; readonly since: number } | undefined;
  /** Name of the look, for the event that it leaves. */
  readonly key: string;
}

async function look(services: Services, request: ConvergeRequest, { heldBy, key }: Looking): Promise<Decision> {
  const compiled = await services.compiled(request.revision);
  const desired = wantedStack(compiled, request);
  const seen = await services.engine.observe(desired);
  const now = services.now();
  const snapshot = { ...(await compiled.snapshot(request.stack, now)), ...(heldBy === undefined ? {} : { heldBy }) };
  const former = request.wanted === "declared" ? await lookAtFormer(services.engine, compiled, { stack: request.stack, now }) : undefined;
  const unseen = await unseenOf(services, request);
  const decision = decide({ desired, seen, snapshot, now, unseen, ...(former === undefined ? {} : { former }) }, request);
  const count = decision.waves.flat().length;
  if (count === 0 && decision.held.length === 0 && decision.problems.length === 0) return decision;
  if (request.counted === true && decision.problems.length === 0 && decision.held.length === 0) return decision;
  await services.store.appendLedger(
    {
      actor: request.actor.name,
      act: decision.overridden ? "window.overridden" : `operation.${decision.verdict}`,
      subject: request.stack,
      reasons: [...(request.because === undefined ? [] : [request.because]), ...decision.reasons],
      evidence: { operation: request.operation, once: key, revision: request.revision, changes: count, held: decision.held.length },
    },
    new Date(now),
  );
  await tell(services, request, {
    key,
    kind: "plan",
    subject: request.stack,
    text: `${count} changes, ${decision.held.length} held`,
  });
  return decision;
}

/** Asked of a stack that is deleted alone: with its whole fleet the servers go too, and whatever they hold. */
async function unseenOf(services: Services, { stack, root, operation, closing }: ConvergeRequest): Promise<readonly Problem[]> {
  return closing === "remove-all" && root === operation ? await services.unseenData(stack) : [];
}

async function makeChange({ services, inFlight }: Doing, request: ConvergeRequest, change: Change): Promise<Outcome<unknown>> {
  const { usualSeconds, longerSeconds } = KINDS[change.kind];
  const timeoutSeconds = 60 + 20 * (longerSeconds?.(change.desired?.spec ?? {}) ?? usualSeconds);
  return await runStep(services, { name: `${change.verb} ${change.node}`, timeoutSeconds }, async (signal) => {
    const started = services.now();
    const compiled = await services.compiled(request.revision);
    const stack = wantedStack(compiled, request);
    const context: ApplyContext = {
      stack,
      operation: request.operation,
      find: (id) => stack.nodes.find((node) => node.id === id) ?? compiled.find(id),
      formerly: (id) => formerNode(compiled, id),
      vault: services.vaultFor(request.revision),
      progress: (text) => {
        tell(services, request, { key: `${change.node} ${text}`, kind: "progress", subject: change.node, text }).catch((error: unknown) =>
          services.log(error, request.operation),
        );
      },
      signal,
    };
    const applied = await inFlight.run({ root: request.root, operation: request.operation, node: change.node, signal }, async () => {
      await refuseUnwanted(services, request, change);
      return await services.engine.apply(change, context);
    });
    if (change.verb === "remove" && change.kind === "secret") await services.forgetSecret(change.node);
    const seconds = ((services.now() - started) / 1000).toFixed(1);
    await tell(services, request, {
      key: `${change.verb} ${change.node}`,
      kind: "change",
      subject: change.node,
      text: `${applied.did} in ${seconds} s`,
    });
    return { did: applied.did, facts: applied.facts };
  });
}

/** The last look before a change, when it is known already to be under way: a deletion or a stop that comes now waits for it. */
async function refuseUnwanted(services: Services, request: ConvergeRequest, change: Change): Promise<void> {
  await refuseWhereDeleted(services, request.root);
  if (change.verb !== "remove") await refuseWhereStopped(services, request);
  if (request.closing === "remove-all") await services.store.stopToDelete(request.root);
}

/** The node of the same name in the stack whose data this one's takes over. */
export function formerNode({ formerly }: CompiledRevision, id: NodeId): NodeId | undefined {
  const stack = formerly.get(stackOf(id));
  return stack === undefined ? undefined : nodeId(stack, nameOf(id));
}

async function verify(services: Services, request: ConvergeRequest, decision: Decision): Promise<readonly Problem[]> {
  const compiled = await services.compiled(request.revision);
  const desired = wantedStack(compiled, request);
  const undone = leftUndone(planStack(desired, await services.engine.observe(desired), request.closing), decision);
  const left = [...undone, ...(await unseenOf(services, request))];
  if (left.length > 0 || request.wanted !== "declared") return left;
  const fault = await pageFault(services.engine, desired, [...compiled.stacks.values()]);
  return fault === undefined ? [] : [{ code: NO_PAGE, severity: "error", at: request.stack, message: fault, hint: PAGE_HINT }];
}

const PAGE_HINT = "ballast logs shows what Odoo says";

async function tell(
  services: Services,
  request: ConvergeRequest,
  event: { key: string; kind: string; subject: string; text: string },
): Promise<void> {
  const told = { operation: request.operation, root: request.root, at: new Date(services.now()), ...event };
  // What people read meanwhile must not decide how the work ends.
  await services.store.addEvent(told).catch((error: unknown) => services.log(error, request.operation));
}

/** Lets the stack go and writes how it ended. */
async function finish(services: Services, request: ConvergeRequest, result: ConvergeResult): Promise<ConvergeResult> {
  const { operation, stack } = request;
  const state = result.state === "unknown" ? "failed" : result.state;
  const bare = { stack, changed: [], held: [], kept: [] };
  await endWork(services, `finish ${stack}`, { operation, state, result, bare }, async () => {
    if (request.wanted === "gone" && result.state === "done") await services.closed(stack);
    await tell(services, request, { key: "finish", kind: result.state, subject: stack, text: endWords(result) });
  });
  return result;
}
