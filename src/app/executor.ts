import { DBOS } from "@dbos-inc/dbos-sdk";
import type pg from "pg";
import { type ApplyRequest, type ApplyResult, registerApply } from "../workflows/apply/workflow.ts";
import type { ConvergeRequest, ConvergeResult } from "../workflows/converge/request.ts";
import { registerConverge } from "../workflows/converge/workflow.ts";
import { createInFlight } from "../workflows/in-flight.ts";
import { type JourneyRequest, type JourneyResult, registerJourney } from "../workflows/journey/workflow.ts";
import type { Services } from "../workflows/services.ts";
import { registerStop, type StopRequest, type StopResult } from "../workflows/stop/workflow.ts";
import { IDLE_MS, restAfterLaunch, seldomLook } from "./idle-workflow-engine.ts";

/** Starts operations by id: the same id again is the same operation, never a second one. */
export interface Executor {
  apply(request: ApplyRequest): Promise<() => Promise<ApplyResult>>;
  converge(request: ConvergeRequest): Promise<() => Promise<ConvergeResult>>;
  journey(request: JourneyRequest): Promise<() => Promise<JourneyResult>>;
  stop(request: StopRequest): Promise<() => Promise<StopResult>>;
  /** How the work on an operation stands; undefined where none was ever begun. */
  standing(operation: string): Promise<Standing | undefined>;
  /** Forgets ended workflows and their steps. */
  forget(operations: readonly string[]): Promise<void>;
  shutdown(): Promise<void>;
}

/** What the workflow engine knows of an operation. */
export type Standing =
  | { readonly state: "running" }
  | { readonly state: "ended"; readonly output: unknown }
  | { readonly state: "broken"; readonly because: string };

const ENDED_BADLY: ReadonlySet<string> = new Set(["ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]);

function wordsOf({ status, error }: { readonly status: string; readonly error?: unknown }): string {
  if (status === "ERROR") return error instanceof Error ? error.message : String(error);
  return status === "CANCELLED" ? "it was cancelled" : "it was taken up too often";
}

/** How long after the last work memory is given back. */
const REST_MS = 3000;

/** Gives back, once work has ended, the memory that it needed; only where the process was started with `--expose-gc`. */
function collectAfterwards(): (work: Promise<unknown>) => void {
  let timer: NodeJS.Timeout | undefined;
  return (work) => {
    const rest = () => {
      clearTimeout(timer);
      timer = setTimeout(() => globalThis.gc?.(), REST_MS).unref();
    };
    work.then(rest, rest);
  };
}

function configure(pool: pg.Pool): void {
  DBOS.setConfig({
    name: "ballast",
    systemDatabasePool: pool,
    applicationVersion: "1",
    executorID: "control-plane",
    enablePatching: true,
    logLevel: "error",
    runAdminServer: false,
    listenQueues: [],
    schedulerPollingIntervalMs: IDLE_MS,
    // Workflows here send each other no events or streams; the default looks for them a hundred times a second.
    notificationCoalesceMs: IDLE_MS,
  });
}

/**
 * Registers the workflows and launches the executor, which first takes up what an earlier process left unfinished.
 * The caller must lead (an advisory lock) before this: two executors with one id would run a step twice.
 */
export async function launchExecutor(services: Services, pool: pg.Pool): Promise<Executor> {
  seldomLook();
  configure(pool);
  const inFlight = createInFlight();
  const converge = registerConverge(services, inFlight);
  const apply = registerApply(services, converge, inFlight);
  const journey = registerJourney(services, converge);
  const stop = registerStop(services, inFlight);
  await DBOS.launch();
  const endRest = restAfterLaunch();
  const collect = collectAfterwards();
  return {
    async apply(request) {
      const handle = await DBOS.startWorkflow(apply, { workflowID: request.operation })(request);
      const ended = handle.getResult();
      collect(ended);
      return () => ended;
    },
    async converge(request) {
      const handle = await DBOS.startWorkflow(converge, { workflowID: request.operation })(request);
      const ended = handle.getResult();
      collect(ended);
      return () => ended;
    },
    async journey(request) {
      const handle = await DBOS.startWorkflow(journey, { workflowID: request.operation })(request);
      const ended = handle.getResult();
      collect(ended);
      return () => ended;
    },
    async stop(request) {
      const handle = await DBOS.startWorkflow(stop, { workflowID: request.operation })(request);
      const ended = handle.getResult();
      collect(ended);
      return () => ended;
    },
    async standing(operation) {
      const known = await DBOS.getWorkflowStatus(operation);
      if (known === null) return undefined;
      if (known.status === "SUCCESS") return { state: "ended", output: known.output };
      if (ENDED_BADLY.has(known.status)) return { state: "broken", because: wordsOf(known) };
      return { state: "running" };
    },
    forget: (operations) => DBOS.deleteWorkflows([...operations]),
    async shutdown() {
      await endRest();
      await DBOS.shutdown();
    },
  };
}
