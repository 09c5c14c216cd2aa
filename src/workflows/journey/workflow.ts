import { DBOS } from "@dbos-inc/dbos-sdk";
import type { Actor } from "../../domain/admission/admit.ts";
import type { StackId } from "../../domain/stack/node.ts";
import { failure, type Problem } from "../../kernel/problem.ts";
import { type BrokeOff, registerTold } from "../broken.ts";
import type { Converge, ConvergeResult } from "../converge/request.ts";
import { endWork } from "../end.ts";
import type { JourneyStep, Services } from "../services.ts";
import { runStep } from "../step.ts";

/** Walks the journeys of one environment: the full one on a throw-away twin beside it, the reading one on itself. */
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

/** The name of the twin's stack: the environment's with a mark that no declared name can have. */
export function twinId(stack: StackId): StackId {
  return `${stack}~journey`;
}

export function registerJourney(
  services: Services,
  converge: Converge,
  brokeOff: BrokeOff,
): (request: JourneyRequest) => Promise<JourneyResult> {
  async function journey(request: JourneyRequest): Promise<JourneyResult> {
    const problems: Problem[] = [];
    const reading = await runStep(services, { name: "read", timeoutSeconds: 60 }, (signal) => walkReading(services, request, signal));
    if (!reading.ok) problems.push(...reading.problems);
    const full = request.steps === "reading" ? [] : await onTwin(services, converge, request, problems);
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
 * Makes the twin, walks on it, and takes it away again, whatever happened on it. One that an earlier journey left goes first: its data are not those of now,
 * and somebody may have worked on it.
 */
async function onTwin(
  services: Services,
  converge: Converge,
  request: JourneyRequest,
  problems: Problem[],
): Promise<readonly JourneyStep[]> {
  const cleared = await convergeTwin(converge, request, "clear");
  if (cleared.state !== "done") {
    problems.push(...cleared.problems);
    return [];
  }
  const made = await convergeTwin(converge, request, "make");
  let full: readonly JourneyStep[] = [];
  if (made.state === "done") {
    const walked = await runStep(services, { name: "walk", timeoutSeconds: 120 }, (signal) => walkFull(services, request, signal));
    if (walked.ok) full = walked.value;
    else problems.push(...walked.problems);
  }
  const removed = await convergeTwin(converge, request, "remove");
  problems.push(...made.problems, ...removed.problems);
  return full;
}

async function walkReading(services: Services, request: JourneyRequest, signal: AbortSignal): Promise<readonly JourneyStep[]> {
  const stack = (await services.compiled(request.revision)).stacks.get(request.stack);
  if (stack === undefined) throw failure("BAL-W007", request.stack, "is not an environment of this fleet");
  return await services.journeys.reading(stack, signal);
}

async function walkFull(services: Services, request: JourneyRequest, signal: AbortSignal): Promise<readonly JourneyStep[]> {
  const twin = (await services.compiled(request.revision)).twinOf(request.stack);
  if (twin === undefined) throw failure("BAL-W007", request.stack, "has no twin that a journey could walk on");
  return await services.journeys.full(twin, signal);
}

async function convergeTwin(converge: Converge, request: JourneyRequest, act: "clear" | "make" | "remove"): Promise<ConvergeResult> {
  const operation = `${request.operation}:${act}`;
  const stack = twinId(request.stack);
  return await DBOS.withNextWorkflowID(operation, () =>
    converge({
      operation,
      root: request.operation,
      revision: request.revision,
      stack,
      wanted: act === "make" ? "twin" : "gone",
      closing: "remove-all",
      actor: request.actor,
      confirmed: stack,
    }),
  );
}
