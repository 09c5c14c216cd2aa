import { DBOS } from "@dbos-inc/dbos-sdk";
import { wfQueueRunner } from "@dbos-inc/dbos-sdk/internal/wfqueue";
import type pg from "pg";
import { type ApplyRequest, type ApplyResult, registerApply } from "../workflows/apply/workflow.ts";
import { type ConvergeRequest, type ConvergeResult, registerConverge } from "../workflows/converge/workflow.ts";
import { type JourneyRequest, type JourneyResult, registerJourney } from "../workflows/journey/workflow.ts";
import type { Services } from "../workflows/services.ts";
import { registerStop, type StopRequest, type StopResult } from "../workflows/stop/workflow.ts";

/** Starts operations by id: the same id again is the same operation, never a second one. */
export interface Executor {
  apply(request: ApplyRequest): Promise<() => Promise<ApplyResult>>;
  converge(request: ConvergeRequest): Promise<() => Promise<ConvergeResult>>;
  journey(request: JourneyRequest): Promise<() => Promise<JourneyResult>>;
  stop(request: StopRequest): Promise<() => Promise<StopResult>>;
  /** Whether work on an operation was ever begun. */
  knows(operation: string): Promise<boolean>;
  /** Forgets ended workflows and their steps. */
  forget(operations: readonly string[]): Promise<void>;
  shutdown(): Promise<void>;
}

const QUIET_MS = 60_000;
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

/**
 * Registers the workflows and launches the executor, which first takes up what an earlier process left unfinished.
 * The caller must lead (an advisory lock) before this: two executors with one id would run a step twice.
 */
export async function launchExecutor(services: Services, pool: pg.Pool): Promise<Executor> {
  // Nothing waits in a queue of its own or for a date: asking for such work once a minute instead of once a second keeps an idle process idle.
  Object.assign(wfQueueRunner.constructor, { reconcileIntervalMs: QUIET_MS, transitionIntervalMs: QUIET_MS });
  DBOS.setConfig({
    name: "ballast",
    systemDatabasePool: pool,
    applicationVersion: "1",
    executorID: "control-plane",
    enablePatching: true,
    logLevel: "error",
    runAdminServer: false,
    listenQueues: [],
    schedulerPollingIntervalMs: QUIET_MS,
    // Workflows here send each other no events or streams; the default looks for them a hundred times a second.
    notificationCoalesceMs: 1000,
  });
  const converge = registerConverge(services);
  const apply = registerApply(services, converge);
  const journey = registerJourney(services, converge);
  const stop = registerStop(services);
  await DBOS.launch();
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
    knows: async (operation) => (await DBOS.getWorkflowStatus(operation)) !== null,
    forget: (operations) => DBOS.deleteWorkflows([...operations]),
    shutdown: () => DBOS.shutdown(),
  };
}
