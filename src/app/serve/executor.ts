import { AsyncLocalStorage } from "node:async_hooks";
import { DBOS } from "@dbos-inc/dbos-sdk";
import type pg from "pg";
import { type ApplyRequest, type ApplyResult, registerApply } from "../../workflows/apply/workflow.ts";
import type { BrokeOff } from "../../workflows/broken.ts";
import type { ConvergeRequest, ConvergeResult } from "../../workflows/converge/request.ts";
import { registerConverge } from "../../workflows/converge/workflow.ts";
import { createInFlight } from "../../workflows/in-flight.ts";
import { type JourneyRequest, type JourneyResult, registerJourney } from "../../workflows/journey/workflow.ts";
import type { Services } from "../../workflows/services.ts";
import { registerStop, type StopRequest, type StopResult } from "../../workflows/stop/workflow.ts";
import { endBroken } from "../operations/abandoned.ts";
import { type Standing, standingOf } from "../operations/standing.ts";
import { IDLE_MS, restAfterLaunch, seldomLook } from "./idle-workflow-engine.ts";

/** Starts operations by id: the same id again is the same operation, never a second one. */
export interface Executor {
  apply(request: ApplyRequest): Promise<() => Promise<ApplyResult>>;
  converge(request: ConvergeRequest): Promise<() => Promise<ConvergeResult>>;
  journey(request: JourneyRequest): Promise<() => Promise<JourneyResult>>;
  stop(request: StopRequest): Promise<() => Promise<StopResult>>;
  /** How the work on an operation stands; undefined where none was ever begun. */
  standing(operation: string): Promise<Standing | undefined>;
  /** Whether something is being changed on the engine now. */
  changing(): boolean;
  /** Forgets ended workflows and their steps. */
  forget(operations: readonly string[]): Promise<void>;
  shutdown(): Promise<void>;
}

/** Ends the operations whose work threw, as soon as the engine knows. */
function createBrokenEnds({ store, now, log }: Services): { readonly brokeOff: BrokeOff; stop(): Promise<void> } {
  const stopping = new AbortController();
  // What is asked of the engine within a workflow would count as a step of it.
  const outside = AsyncLocalStorage.snapshot();
  const ending = new Set<Promise<void>>();
  return {
    brokeOff(operation) {
      const one: Promise<void> = outside(() =>
        endBroken({ store, executor: { standing: standingOf } }, operation, { now, signal: stopping.signal }),
      )
        .catch((error: unknown) => log(error, operation))
        .finally(() => ending.delete(one));
      ending.add(one);
    },
    async stop() {
      stopping.abort();
      await Promise.all(ending);
    },
  };
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
    // Why a workflow threw is told where it throws, also of one that nobody waits for.
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
  const broken = createBrokenEnds(services);
  const converge = registerConverge(services, inFlight, broken.brokeOff);
  const apply = registerApply(services, converge, inFlight, broken.brokeOff);
  const journey = registerJourney(services, converge, broken.brokeOff);
  const stop = registerStop(services, inFlight, broken.brokeOff);
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
    standing: standingOf,
    changing: () => inFlight.any(),
    forget: (operations) => DBOS.deleteWorkflows([...operations]),
    async shutdown() {
      await endRest();
      await broken.stop();
      await DBOS.shutdown();
    },
  };
}
