import { DBOS } from "@dbos-inc/dbos-sdk";
import type { Actor } from "../../domain/admission/admit.ts";
import type { StackId } from "../../domain/stack/node.ts";
import { failure, type Problem } from "../../kernel/problem.ts";
import { type BrokeOff, registerTold } from "../broken.ts";
import type { Converge, ConvergeResult } from "../converge/request.ts";
import { endWork } from "../end.ts";
import type { JourneyStep, Services } from "../services.ts";
import { runStep } from "../step.ts";

/** Walks the journeys of one environment: the full one on an ephemeral clone beside it, the reading one on itself. */
export interface JourneyRequest {
  readonly operation: string;
  readonly revision: string;
  readonly stack: StackId;
  readonly actor: Actor;
  /** `reading`: only the steps that leave nothing behind, on the environment itself. */
  readonly steps?: "all" | "reading";
}

export interface JourneyResult {
  readonly state: "done" | "failed";
  readonly full: readonly JourneyStep[];
  readonly reading: readonly JourneyStep[];
  readonly problems: readonly Problem[];
}

/** The name of the clone's stack: the environment's with a mark that no declared name can have. */
export function cloneId(stack: StackId): StackId {
  return `${stack}~journey`;
}

export function registerJourney(
  services: Services,
  converge: Converge,
  brokeOff: BrokeOff,
): (request: JourneyRequest) => Promise<JourneyResult> {
  async function journey(request: JourneyRequest): Promise<JourneyResult> {
    const problems: Problem[] = [];
    const reading = await runStep(services, { name: "read", timeoutSeconds: 60 }, (signal) => runReading(services, request, signal));
    if (!reading.ok) problems.push(...reading.problems);
    const full = request.steps === "reading" ? [] : await onClone(services, converge, request, problems);
    const result: JourneyResult = {
      state: problems.length === 0 ? "done" : "failed",
      full,
      reading: reading.ok ? reading.value : [],
      problems,
    };
    const { operation } = request;
    await endWork(services, "finish", { operation, state: result.state, result, bare: { full: [], reading: [] } }, async () => undefined);
    return result;
  }
  return registerTold({ name: "journey", log: services.log }, journey, brokeOff);
}

/**
 * Makes the clone, runs on it, and takes it away again, whatever happened on it. One that an earlier journey left goes first: its data are not those of now,
 * and somebody may have worked on it.
 */
async function onClone(
  services: Services,
  converge: Converge,
  request: JourneyRequest,
  problems: Problem[],
): Promise<readonly JourneyStep[]> {
  const cleared = await convergeClone(converge, request, "clear");
  if (cleared.state !== "done") {
    problems.push(...cleared.problems);
    return [];
  }
  const made = await convergeClone(converge, request, "make");
  let full: readonly JourneyStep[] = [];
  if (made.state === "done") {
    const passed = await runStep(services, { name: "runSteps", timeoutSeconds: 120 }, (signal) => runFull(services, request, signal));
    if (passed.ok) full = passed.value;
    else problems.push(...passed.problems);
  }
  const removed = await convergeClone(converge, request, "remove");
  problems.push(...made.problems, ...removed.problems);
  return full;
}

async function runReading(services: Services, request: JourneyRequest, signal: AbortSignal): Promise<readonly JourneyStep[]> {
  const stack = (await services.compiled(request.revision)).stacks.get(request.stack);
  if (stack === undefined) throw failure("BAL-W007", request.stack, "is not an environment of this fleet");
  return await services.journeys.reading(stack, signal);
}

async function runFull(services: Services, request: JourneyRequest, signal: AbortSignal): Promise<readonly JourneyStep[]> {
  const clone = (await services.compiled(request.revision)).cloneOf(request.stack);
  if (clone === undefined) throw failure("BAL-W007", request.stack, "has no ephemeral clone for a journey to run on");
  return await services.journeys.full(clone, signal);
}

async function convergeClone(converge: Converge, request: JourneyRequest, act: "clear" | "make" | "remove"): Promise<ConvergeResult> {
  const operation = `${request.operation}:${act}`;
  const stack = cloneId(request.stack);
  return await DBOS.withNextWorkflowID(operation, () =>
    converge({
      operation,
      root: request.operation,
      revision: request.revision,
      stack,
      wanted: act === "make" ? "clone" : "gone",
      closing: "remove-all",
      actor: request.actor,
      confirmed: stack,
    }),
  );
}
