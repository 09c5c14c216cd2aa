import type { Store } from "../../adapters/store/store.ts";
import type { StartOperation } from "../../api/contract/contract.ts";
import {
  type Answers,
  type Closures,
  type TenantSketch,
  unanswered,
  unconfirmedStop,
  unreadableInForce,
} from "../../domain/admission/closures.ts";
import { type TakenUp, unconfirmedTakeOvers } from "../../domain/admission/take-over.ts";
import type { Tenant } from "../../domain/fleet/model.ts";
import { dataOf, type RenameObservation } from "../../domain/plan/rename.ts";
import type { Engine } from "../../engines/engine.ts";
import { type Problem, ProblemError } from "../../kernel/problem.ts";
import { type InForce, revisionIn } from "./in-force.ts";
import { lookAtRenames } from "./renames.ts";
import { takenUp } from "./returning.ts";
import type { Revision } from "./revisions.ts";

export interface ClosureParts {
  readonly fleet: string;
  readonly engine: Engine;
  readonly store: Pick<Store, "desired" | "setting">;
}

function sketchOf({ name, renamedFrom, owner, calendar, environments }: Tenant): TenantSketch {
  const production = environments.find((one) => one.name === "production");
  return {
    name,
    ...(renamedFrom === undefined ? {} : { renamedFrom }),
    owner: owner.email,
    calendar,
    production: production === undefined ? "none" : production.suspended ? "suspended" : "open",
  };
}

/** What somebody must answer before these files come into force after those. */
export async function questionsOf(
  parts: ClosureParts,
  { before: inForce, after, taken }: { readonly before: InForce; readonly after: Revision; readonly taken?: readonly TakenUp[] },
  answers: Answers = {},
): Promise<readonly Problem[]> {
  const { fleet, engine } = parts;
  const takeOvers = unconfirmedTakeOvers(taken ?? (await takenUp(parts, { before: inForce, after })), answers.confirmed);
  const before = revisionIn(inForce);
  // Where the machine does not answer it cannot be determined what is here: then all that is declared is taken to be.
  const stacks = await engine.stacks().catch(() => undefined);
  const declared = new Set(before?.loaded.fleet.tenants.map((tenant) => tenant.name));
  const others = [...new Set((stacks ?? []).filter(isEnvironment).map((stack) => stack.slice(0, stack.indexOf("/"))))];
  const halves = before === undefined ? new Map<string, Halves>() : halvesOf(await lookAtRenames(engine, before));
  const isHere = (name: string) => stacks === undefined || stacks.some((stack) => stack.startsWith(`${name}/`));
  const closures: Closures = {
    fleet,
    before: (before?.loaded.fleet.tenants ?? []).map(sketchOf).flatMap((tenant) => standing(tenant, isHere, halves.get(tenant.name))),
    after: after.loaded.fleet.tenants.map(sketchOf),
    kept: others.filter((name) => !declared.has(name)),
  };
  const unreadable = inForce.state === "unreadable" ? unreadableInForce({ fleet, verb: "apply", cause: inForce.cause, ...answers }) : [];
  return [...unreadable, ...unanswered(closures, answers), ...takeOvers];
}

/** Of the environments of a renamed tenant together: under which of its names data is. */
type Halves = ReturnType<typeof dataOf>;

function halvesOf(observations: readonly RenameObservation[]): ReadonlyMap<string, Halves> {
  const halves = new Map<string, Halves>();
  for (const observation of observations) {
    const tenant = observation.heir.id.slice(0, observation.heir.id.indexOf("/"));
    const [one, other] = [dataOf(observation), halves.get(tenant)];
    halves.set(tenant, { own: one.own || other?.own === true, former: one.former || other?.former === true });
  }
  return halves;
}

/**
 * A tenant of which something is here: under its name, as long as its rename is held under its former one, and under both where that was cut off.
 * What counts is data: whoever was stopped in the middle has made other things of the new name already.
 */
function standing(tenant: TenantSketch, isHere: (name: string) => boolean, halves: Halves | undefined): readonly TenantSketch[] {
  const { name, renamedFrom } = tenant;
  if (renamedFrom !== undefined && halves?.former === true)
    return [halves.own ? { ...tenant, partlyUnder: renamedFrom } : { ...tenant, stillUnder: renamedFrom }];
  if (isHere(name)) return [tenant];
  return renamedFrom !== undefined && isHere(renamedFrom) ? [{ ...tenant, stillUnder: renamedFrom }] : [];
}

function isEnvironment(stack: string): boolean {
  return !stack.startsWith("pool/") && !stack.startsWith("platform/") && !stack.includes("~");
}

/** Refuses an apply whose questions are not answered. */
export async function refuseUnanswered(
  parts: ClosureParts,
  revisions: { readonly before: InForce; readonly after: Revision },
  { confirmed, reallyNew, override }: Extract<StartOperation, { verb: "apply" }>,
): Promise<void> {
  const answers: Answers = {
    ...(confirmed === undefined ? {} : { confirmed }),
    ...(reallyNew === undefined ? {} : { reallyNew }),
    ...(override === undefined ? {} : { reason: override.reason }),
  };
  const problems = await questionsOf(parts, revisions, answers);
  if (problems.length > 0) throw new ProblemError(problems);
}

/** Refuses to stop a fleet with production that is meant to run, without its name and a reason. */
export async function refuseUnconfirmedStop(
  { fleet, store }: ClosureParts,
  inForce: InForce,
  { confirmed, reason }: Extract<StartOperation, { verb: "stop" }>,
): Promise<void> {
  const desired = await store.desired();
  const given = { ...(confirmed === undefined ? {} : { confirmed }), ...(reason === undefined ? {} : { reason }) };
  if (inForce.state === "unreadable" && desired !== "stopped") {
    const unreadable = unreadableInForce({ fleet, verb: "stop", cause: inForce.cause, ...given });
    if (unreadable.length > 0) throw new ProblemError(unreadable);
  }
  const productions =
    desired === "stopped" ? [] : (revisionIn(inForce)?.loaded.fleet.tenants ?? []).map(sketchOf).filter((one) => one.production === "open");
  const problems = unconfirmedStop({
    fleet,
    productions: productions.map((one) => one.name),
    ...given,
  });
  if (problems.length > 0) throw new ProblemError(problems);
}
