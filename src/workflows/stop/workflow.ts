import { setTimeout as sleep } from "node:timers/promises";
import { type Actor, admit } from "../../domain/admission/admit.ts";
import type { NodeId, StackId } from "../../domain/stack/node.ts";
import { failure, type Problem } from "../../kernel/problem.ts";
import { type BrokeOff, registerTold } from "../broken.ts";
import { refuseWhereDeleted } from "../deletion.ts";
import { endWork } from "../end.ts";
import type { InFlight } from "../in-flight.ts";
import type { Services } from "../services.ts";
import { runStep } from "../step.ts";

/** Stops every process of the fleet and keeps everything else. */
export interface StopRequest {
  readonly operation: string;
  readonly actor: Actor;
  /** Why, where somebody had to say it. */
  readonly reason?: string;
}

export interface StopResult {
  readonly state: "done" | "failed";
  readonly stopped: readonly StackId[];
  /** Where what people put in lies now, each by the folder on the machine; missing of an older version, or where nobody could look. */
  readonly keptIn?: readonly { readonly node: NodeId; readonly place: string }[];
  readonly problems: readonly Problem[];
}

export function registerStop(services: Services, inFlight: InFlight, brokeOff: BrokeOff): (request: StopRequest) => Promise<StopResult> {
  async function stop(request: StopRequest): Promise<StopResult> {
    const listed = await runStep(services, { name: "list", timeoutSeconds: 30 }, () => freeFirst(services));
    const problems: Problem[] = listed.ok ? [] : [...listed.problems];
    const stopped: StackId[] = [];
    for (const stack of listed.ok ? stoppingOrder(listed.value) : []) {
      const outcome = await runStep(services, { name: `stop ${stack}`, timeoutSeconds: PATIENCE_SECONDS + 120 }, (signal) =>
        stopOne(services, request, { stack, signal, inFlight }),
      );
      if (outcome.ok) stopped.push(stack);
      else problems.push(...outcome.problems);
    }
    const kept = await runStep(services, { name: "find data", timeoutSeconds: 60 }, () => placesOf(services, stopped));
    const keptIn = kept.ok ? { keptIn: kept.value } : {};
    const result: StopResult = { state: problems.length === 0 ? "done" : "failed", stopped, ...keptIn, problems };
    const { operation, actor } = request;
    const evidence = { operation, once: "finish", stacks: stopped.length };
    await endWork(services, "finish", { operation, state: result.state, result, bare: { stopped } }, () =>
      services.store.appendLedger(
        {
          actor: actor.name,
          act: "fleet.stopped",
          subject: "fleet",
          reasons: request.reason === undefined ? [] : [request.reason],
          evidence,
        },
        new Date(services.now()),
      ),
    );
    return result;
  }
  return registerTold({ name: "stop", log: services.log }, stop, brokeOff);
}

/** What holds data and can be found on the machine as a folder. Databases lie in the volume of their server. */
async function placesOf({ engine }: Services, stacks: readonly StackId[]): Promise<NonNullable<StopResult["keptIn"]>> {
  const seen = await Promise.all(stacks.map((id) => engine.observe({ id, role: "environment", nodes: [] })));
  return seen.flatMap(({ nodes }) =>
    [...nodes].flatMap(([node, observation]) => {
      const place = observation.state === "present" ? observation.value.facts["mountpoint"] : undefined;
      return typeof place === "string" && place !== "" ? [{ node, place }] : [];
    }),
  );
}

/** How long a stop waits for the change that is under way on a stack: whoever works there starts nothing after it. */
const PATIENCE_SECONDS = 600;

/** What was given up and still runs might start again what is stopped now. */
const SETTLE_MS = 60_000;

interface Stopping {
  readonly stack: StackId;
  readonly signal: AbortSignal;
  readonly inFlight: InFlight;
}

/** By id, and those that somebody works on, who may just begin to make them, last, so that waiting for one keeps no other up. */
async function freeFirst(services: Services): Promise<readonly StackId[]> {
  const worked = new Set((await services.store.work()).flatMap((one) => (one.running && one.stack !== undefined ? [one.stack] : [])));
  const stacks = await services.engine.stacks();
  return [...stacks.filter((id) => !worked.has(id)).sort(), ...[...worked].sort()];
}

async function stopOne(services: Services, request: StopRequest, at: Stopping): Promise<void> {
  try {
    await stopHeld(services, request, at);
  } finally {
    await services.store.releaseLeases(request.operation);
  }
}

/** Passes the same admission as every other start of work: a stack that an operation still holds after that time is left to it, and said. */
async function stopHeld(services: Services, request: StopRequest, { stack, signal, inFlight }: Stopping): Promise<void> {
  const now = services.now();
  let lease = await services.store.takeLease(stack, request.operation, new Date(now));
  for (let waited = 0; waited < PATIENCE_SECONDS && lease.operation !== request.operation; waited++) {
    await sleep(1000, undefined, { signal });
    lease = await services.store.takeLease(stack, request.operation, new Date(now));
  }
  const held = lease.operation === request.operation ? {} : { heldBy: { operation: lease.operation, since: lease.since.getTime() } };
  const snapshot = { protectedByCalendar: false, nameToConfirm: stack, ...held };
  const admission = admit({ verb: "stop", actor: request.actor, stack, changes: [] }, snapshot, now);
  if (admission.verdict === "deny") throw failure("BAL-W002", stack, admission.reasons.join("; "));
  await refuseWhereDeleted(services, request.operation);
  if (!(await inFlight.settled(stack, SETTLE_MS)))
    throw failure("BAL-W055", stack, "a change that was given up has not ended, so nothing else is done there");
  await services.engine.stop(stack);
}

/** Nobody new gets in, then the environments end their work, then what they stood on. */
function stoppingOrder(stacks: readonly StackId[]): readonly StackId[] {
  const rank = (id: StackId) => (id.startsWith("platform/") ? 0 : id.startsWith("pool/") ? 2 : 1);
  return [...stacks].sort((a, b) => rank(a) - rank(b));
}
