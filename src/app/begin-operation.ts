import type { Held } from "../adapters/store/admission.ts";
import type { OperationRecord, OperationWork } from "../adapters/store/operations.ts";
import type { StartOperation } from "../api/contract/contract.ts";
import { type Asked, mayBegin, type Running } from "../domain/admission/begin.ts";
import { hashOf, type Json } from "../kernel/canonical.ts";
import { failure, type Problem, ProblemError } from "../kernel/problem.ts";
import { endAbandoned } from "./abandoned.ts";
import { assertAdoptable } from "./adoption.ts";
import { rememberRun } from "./bring-back.ts";
import { type Declared, rememberClosing } from "./closing.ts";
import { refuseUnanswered, refuseUnconfirmedStop } from "./closures.ts";
import type { ControlPlaneParts } from "./control-plane-parts.ts";
import { assertReadable, declaredIn, hashInForce, type InForce, readInForce, revisionIn } from "./in-force.ts";
import { type Launched, launch } from "./launch.ts";
import { assertNoMoves } from "./moves.ts";
import { assertLost } from "./recreation.ts";
import { assertUndeclared } from "./removal.ts";
import { assertRenames } from "./renames.ts";
import { rememberDropped } from "./retention.ts";
import type { Revision } from "./revisions.ts";
import { admitRotation } from "./rotate.ts";
import { endUnlaunched } from "./unlaunched.ts";
import { assertWalkable } from "./walkable.ts";

interface Wish {
  readonly request: StartOperation;
  readonly inForce: InForce;
  /** Of an apply: what was declared before it. */
  readonly before?: Declared;
  /** Of an apply: what its files declare. */
  readonly wanted?: Revision;
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
    const wish = await lookFirst(parts, request);
    const admitted = await parts.store.admission((held) => admit(parts, held, wish));
    if (admitted === "again") continue;
    if (typeof admitted === "string") return await launched(parts, wish, admitted);
    // What stands in the way may have ended without anybody having written it down.
    if (swept) throw new ProblemError([admitted]);
    swept = true;
    await endAbandoned(parts, parts.now());
  }
  throw failure("BAL-W030", request.id, "nothing was begun: what is in force changed again and again", { hint: "ask again" });
}

/** Everything that forbids a request by itself, whatever else runs: mistakes, guardrails, another fleet's files, what is not there. */
async function lookFirst(parts: ControlPlaneParts, request: StartOperation): Promise<Wish> {
  const inForce = await readInForce(parts);
  if (request.verb === "apply") {
    const wanted = await ownRevision(parts, request.files);
    refuseFindings(wanted.findings(parts.now()));
    await assertLost(parts, wanted, request);
    await assertAdoptable(parts, wanted, request);
    await assertRenames(parts.engine, wanted);
    await assertNoMoves(parts, { before: inForce, after: wanted });
    await refuseUnanswered(parts, { before: inForce, after: wanted }, request);
    const before = await declaredIn(inForce, parts.engine);
    return { request, inForce, ...(before === undefined ? {} : { before }), wanted };
  }
  if (request.verb === "stop") await refuseUnconfirmedStop(parts, inForce, request);
  if (request.verb === "rotate") await admitRotation(parts, request, assertReadable(inForce));
  if (request.verb === "journey") assertWalkable(assertReadable(inForce), request.stack);
  if (request.verb === "remove") await refuseRemoval(parts, request, inForce);
  if (inForce.state === "none" && request.verb !== "stop") throw failure("BAL-A004", parts.fleet, "nothing was applied yet");
  return { request, inForce };
}

async function refuseRemoval(
  { engine, fleet }: ControlPlaneParts,
  { stack, confirmed }: Extract<StartOperation, { verb: "remove" }>,
  inForce: InForce,
): Promise<void> {
  if (stack !== undefined) await assertUndeclared(engine, assertReadable(inForce), stack);
  else if (confirmed !== fleet) throw unconfirmed(fleet);
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

/** Decides, and sets what follows. Returns the id of the operation that does the work, why there is none, or that what was looked at has changed. */
async function admit(parts: ControlPlaneParts, held: Held, wish: Wish): Promise<string | Problem> {
  const { request, inForce, wanted } = wish;
  if ((await held.operation(request.id)) !== undefined) return request.id;
  if ((await held.revisionInForce()) !== hashInForce(inForce)) return "again";
  const hash = wanted?.hash ?? hashInForce(inForce);
  const asked = askedOf(request, hash, wanted);
  const deletion = await held.deletion();
  const running = (await held.work()).filter((one) => one.running && one.parent === undefined).map(toRunning);
  const ending = new Set((await held.stopInForce())?.ends);
  const beginning = mayBegin(asked, { running, ending, ...(deletion === undefined ? {} : { deletion }), now: parts.now() });
  if (beginning.answer === "refuse") return beginning.problem;
  if (beginning.answer === "join") return beginning.operation;
  await held.addOperation({
    id: request.id,
    verb: request.verb,
    ...(asked.stack === undefined ? {} : { stack: asked.stack }),
    actor: request.actor,
    request: { ...(hash === undefined ? {} : { revision: hash }), work: asked.work, asked: withoutFiles(request), begunBy: "person" },
    at: new Date(parts.now()),
  });
  await setWish(held, wish, parts.now());
  return request.id;
}

/** What is in force, and whether the fleet is meant to run, change with the admission. */
async function setWish(held: Held, { request, inForce, before, wanted }: Wish, now: number): Promise<void> {
  if (request.verb === "apply" && wanted !== undefined) {
    await rememberDropped(held, revisionIn(inForce), wanted, now);
    await rememberClosing(held, before, wanted);
    await held.setSetting("revision", { hash: wanted.hash });
    await held.wishToRun(request.id);
    await rememberRun(held);
  }
  if (request.verb === "stop") await held.wishToStop(request.id, await endedByStop(held));
  if (request.verb === "remove" && request.stack === undefined) await held.wishToDelete(request.id);
}

/** What runs when a fleet is stopped must start nothing more. */
async function endedByStop(held: Held): Promise<readonly string[]> {
  const running = (await held.work()).filter((one) => one.running && one.parent === undefined);
  return running.filter((one) => one.verb !== "stop" && one.verb !== "remove").map((one) => one.id);
}

function askedOf(request: StartOperation, hash: string | undefined, wanted: Revision | undefined): Asked {
  const { id, verb } = request;
  const { actor: _actor, id: _id, ...rest } = withoutFiles(request);
  const stack = "stack" in request ? request.stack : undefined;
  return {
    id,
    verb,
    ...(stack === undefined ? {} : { stack }),
    work: hashOf({ ...withoutAnswers(rest), revision: hash ?? null } as unknown as Json),
    ...(wanted === undefined ? {} : { declares: new Set(wanted.stacks.keys()) }),
  };
}

/** What was answered is no part of the work of an apply: once its files are in force, nobody is asked again. */
function withoutAnswers(request: object): object {
  const { confirmed, reallyNew: _, ...rest } = request as { confirmed?: string; reallyNew?: readonly string[]; verb?: string };
  return rest.verb === "apply" || confirmed === undefined ? rest : { ...rest, confirmed };
}

/** A request as it is kept: its files are kept as a revision. */
function withoutFiles(request: StartOperation): Launched {
  if (request.verb !== "apply") return request;
  const { files: _, ...rest } = request;
  return rest;
}

function toRunning({ id, verb, stack, request, actor, begunBy, createdAt }: OperationWork): Running {
  // What an earlier version began says no more than which files it applies.
  const work = typeof request["work"] === "string" ? request["work"] : hashOf({ verb, revision: request["revision"] ?? null });
  return { id, verb, actor, begunBy, createdAt, work, ...(stack === undefined ? {} : { stack }) };
}

/** Starts the work of an operation that was admitted, unless it is another's, and says how it stands. */
async function launched(parts: ControlPlaneParts, { request, inForce, wanted }: Wish, id: string): Promise<OperationRecord> {
  if (id === request.id) {
    try {
      await launch(parts, withoutFiles(request), wanted?.hash ?? hashInForce(inForce) ?? "");
    } catch (error) {
      throw new ProblemError(await endUnlaunched(parts.store, request, { error, now: parts.now() }), { cause: error });
    }
  }
  const record = await parts.store.operation(id);
  if (record === undefined) throw failure("BAL-A004", id, "there is no such operation");
  return record;
}
