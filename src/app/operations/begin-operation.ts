import type { Held } from "../../adapters/store/admission.ts";
import type { OperationRecord } from "../../adapters/store/operations.ts";
import type { StartOperation } from "../../api/contract/contract.ts";
import { type Asked, type Beginning, mayBegin } from "../../domain/admission/begin.ts";
import type { Engine } from "../../engines/engine.ts";
import { failure, type Problem, ProblemError } from "../../kernel/problem.ts";
import { rememberRun } from "../reconcile/bring-back.ts";
import { type Declared, rememberClosing } from "../revisions/closing.ts";
import { refuseUnanswered, refuseUnconfirmedStop } from "../revisions/closures.ts";
import { assertReadable, declaredIn, hashInForce, type InForce, readInForce, revisionIn } from "../revisions/in-force.ts";
import { assertNoMoves } from "../revisions/moves.ts";
import { assertRenames } from "../revisions/renames.ts";
import type { Revision } from "../revisions/revisions.ts";
import { admitRotation } from "../secrets/rotate.ts";
import type { ControlPlaneParts } from "../serve/control-plane-parts.ts";
import { rememberDropped } from "../serve/retention.ts";
import { endAbandoned } from "./abandoned.ts";
import { assertAdoptable } from "./adoption.ts";
import { askedWork, toRunning, withoutFiles } from "./asked-work.ts";
import { assertJourneySubject } from "./journey-subjects.ts";
import { launch } from "./launch.ts";
import { assertLost } from "./recreation.ts";
import { assertUndeclared } from "./removal.ts";
import { endUnlaunched } from "./unlaunched.ts";

/** A request, and what it comes upon. */
interface Looked {
  readonly request: StartOperation;
  readonly inForce: InForce;
  /** Of an apply: what its files declare. */
  readonly wanted?: Revision;
}

interface Desired extends Looked {
  /** Of an apply: what was declared before it. */
  readonly before?: Declared;
}

/** Each try looks at what is in force, which others may change meanwhile: so many at once are more than people are. */
const TRIES = 100;

/**
 * Begins an operation, or joins the one that does the same. What is slow is looked at before; then one transaction decides, writes the operation down and sets
 * what is in force, so that what is refused has changed nothing; then the work starts.
 */
export async function beginOperation(parts: ControlPlaneParts, request: StartOperation): Promise<OperationRecord> {
  let swept = false;
  for (let tries = 0; tries < TRIES; tries++) {
    // Its steps may be forgotten once it has ended: asked again, it would be done again.
    const before = await parts.store.operation(request.id);
    if (before !== undefined && before.state !== "running") return before;
    const looked = await look(parts, request);
    // What is under way was admitted, and what it answers to is in force: nothing of it is asked once more. What stands in the way is told before
    // anything else: what would be wrong besides may be otherwise after it.
    const first = await parts.store.admission((held) => beginningOf(parts, held, looked));
    if (first.answer === "join") return await launched(parts, looked, first.operation);
    const desired = first.answer === "begin" ? await lookFirst(parts, looked) : looked;
    const admitted = first.answer === "begin" ? await parts.store.admission((held) => admit(parts, held, desired)) : first;
    if (admitted.answer === "check again") continue;
    if (admitted.answer !== "refuse") return await launched(parts, desired, admitted.operation);
    // What stands in the way may have ended without anybody having written it down.
    if (swept) throw new ProblemError([admitted.problem]);
    swept = true;
    await endAbandoned(parts, parts.now());
  }
  throw failure("BAL-W030", parts.fleet, "nothing was begun: what is in force changed again and again", { hint: "ask again" });
}

async function look(parts: ControlPlaneParts, request: StartOperation): Promise<Looked> {
  const inForce = await readInForce(parts);
  return request.verb === "apply" ? { request, inForce, wanted: await ownRevision(parts, request.files) } : { request, inForce };
}

/** Everything that forbids a request by itself, whatever else runs: mistakes, guardrails, what is not there. */
async function lookFirst(all: ControlPlaneParts, looked: Looked): Promise<Desired> {
  const { request, inForce, wanted } = looked;
  const parts = { ...all, engine: listedOnce(all.engine) };
  if (request.verb === "apply" && wanted !== undefined) {
    refuseFindings(wanted.findings(parts.now()));
    await assertLost(parts, wanted, request);
    await assertAdoptable(parts, wanted, request);
    await assertRenames(parts.engine, wanted);
    await assertNoMoves(parts, { before: inForce, after: wanted });
    await refuseUnanswered(parts, { before: inForce, after: wanted }, request);
    const before = await declaredIn(inForce, parts.engine);
    return { ...looked, ...(before === undefined ? {} : { before }) };
  }
  if (request.verb === "stop") await refuseUnconfirmedStop(parts, inForce, request);
  if (request.verb === "rotate") await admitRotation(parts, request, assertReadable(inForce));
  if (request.verb === "journey") assertJourneySubject(assertReadable(inForce), request.stack);
  if (request.verb === "remove") await refuseRemoval(parts, request, inForce);
  if (inForce.state === "none" && request.verb !== "stop") throw failure("BAL-A004", parts.fleet, "nothing was applied yet");
  return looked;
}

/** The same engine, of which what is here is listed once: for questions that are asked together. */
function listedOnce(engine: Engine): Engine {
  let listed: ReturnType<Engine["stacks"]> | undefined;
  return {
    ...engine,
    stacks() {
      listed ??= engine.stacks();
      return listed;
    },
  };
}

async function refuseRemoval(
  parts: ControlPlaneParts,
  { stack, confirmed }: Extract<StartOperation, { verb: "remove" }>,
  inForce: InForce,
): Promise<void> {
  if (stack !== undefined) await assertUndeclared(parts, assertReadable(inForce), stack);
  else if (confirmed !== parts.fleet) throw unconfirmed(parts.fleet);
}

function unconfirmed(fleet: string): ProblemError {
  return failure("BAL-W002", fleet, "deleting a fleet with its data wants its name", { hint: `--confirm ${fleet}` });
}

/** One control plane serves one fleet; another fleet's files are refused before anything is read from them. */
export async function ownRevision(
  parts: Pick<ControlPlaneParts, "revisions" | "fleet">,
  files: readonly { path: string; text: string }[],
): Promise<Revision> {
  const revision = await parts.revisions.of(files);
  if (revision.fleet === parts.fleet) return revision;
  throw failure("BAL-A003", revision.fleet, `this control plane serves the fleet ${parts.fleet}, the files declare ${revision.fleet}`);
}

/** What a guardrail calls an error is not begun; what runs already may be looked at, stopped and removed. */
function refuseFindings(findings: readonly Problem[]): void {
  const errors = findings.filter((finding) => finding.severity === "error");
  if (errors.length > 0) throw new ProblemError(errors);
}

/** What became of a request: the operation that does the work, why there is none, or that what was looked at has changed meanwhile. */
type Admitted =
  | Exclude<Beginning, { answer: "begin" }>
  | { readonly answer: "begun"; readonly operation: string }
  | { readonly answer: "check again" };

/** Decides, and sets what follows. */
async function admit(parts: ControlPlaneParts, held: Held, desired: Desired): Promise<Admitted> {
  const { request, inForce, wanted } = desired;
  if ((await held.operation(request.id)) !== undefined) return { answer: "begun", operation: request.id };
  if ((await held.revisionInForce()) !== hashInForce(inForce)) return { answer: "check again" };
  const hash = wanted?.hash ?? hashInForce(inForce);
  const beginning = await beginningOf(parts, held, desired);
  if (beginning.answer !== "begin") return beginning;
  const asked = askedOf(parts, desired);
  await held.addOperation({
    id: request.id,
    verb: request.verb,
    ...(asked.stack === undefined ? {} : { stack: asked.stack }),
    actor: request.actor,
    request: { ...(hash === undefined ? {} : { revision: hash }), work: asked.work, asked: withoutFiles(request), begunBy: "person" },
    at: new Date(parts.now()),
  });
  await setDesired(held, desired, parts.now());
  return { answer: "begun", operation: request.id };
}

/** What becomes of a request beside what runs now. */
async function beginningOf(parts: ControlPlaneParts, held: Held, looked: Looked): Promise<Beginning> {
  const deletion = await held.deletion();
  const running = (await held.work()).filter((one) => one.running && one.parent === undefined).map(toRunning);
  const stop = await held.stopInForce();
  const stopped = stop === undefined ? undefined : stop.operation === undefined ? {} : { operation: stop.operation };
  return mayBegin(askedOf(parts, looked), {
    running,
    ending: new Set(stop?.ends),
    ...(deletion === undefined ? {} : { deletion }),
    ...(stopped === undefined ? {} : { stopped }),
    now: parts.now(),
  });
}

/** What is in force, and whether the fleet is meant to run, change with the admission. */
async function setDesired(held: Held, { request, inForce, before, wanted }: Desired, now: number): Promise<void> {
  if (request.verb === "apply" && wanted !== undefined) {
    await rememberDropped(held, revisionIn(inForce), wanted, now);
    await rememberClosing(held, before, wanted);
    await held.setSetting("revision", { hash: wanted.hash });
    await held.askToRun(request.id);
    await rememberRun(held);
  }
  if (request.verb === "stop") await held.askToStop(request.id, await endedByStop(held));
  if (request.verb === "remove" && request.stack === undefined) await held.askToDelete(request.id);
}

/** What runs when a fleet is stopped must start nothing more. */
async function endedByStop(held: Held): Promise<readonly string[]> {
  const running = (await held.work()).filter((one) => one.running && one.parent === undefined);
  return running.filter((one) => one.verb !== "stop" && one.verb !== "remove").map((one) => one.id);
}

function askedOf({ fleet }: Pick<ControlPlaneParts, "fleet">, { request, inForce, wanted }: Looked): Asked {
  const { id, verb } = request;
  const stack = "stack" in request ? request.stack : undefined;
  return {
    fleet,
    id,
    verb,
    ...(stack === undefined ? {} : { stack }),
    ...askedWork(withoutFiles(request), wanted?.hash ?? hashInForce(inForce)),
    ...(wanted === undefined ? {} : { declares: new Set(wanted.stacks.keys()) }),
  };
}

/** Starts the work of an operation that was admitted, unless it is another's, and says how it stands. */
async function launched(parts: ControlPlaneParts, { request, inForce, wanted }: Looked, id: string): Promise<OperationRecord> {
  if (id === request.id) {
    try {
      await launch(parts, withoutFiles(request), wanted?.hash ?? hashInForce(inForce) ?? "");
    } catch (error) {
      throw new ProblemError(await endUnlaunched(parts.store, request, { error, now: parts.now() }), { cause: error });
    }
  }
  return await recordOf(parts, id);
}

async function recordOf({ store }: ControlPlaneParts, id: string): Promise<OperationRecord> {
  const record = await store.operation(id);
  if (record === undefined) throw failure("BAL-A004", id, "there is no such operation");
  return record;
}
