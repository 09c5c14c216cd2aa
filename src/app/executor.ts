import { DBOS } from "@dbos-inc/dbos-sdk";
import type pg from "pg";
import { type ApplyRequest, type ApplyResult, registerApply } from "../workflows/apply/workflow.ts";
import { registerConverge } from "../workflows/converge/workflow.ts";
import { type JourneyRequest, type JourneyResult, registerJourney } from "../workflows/journey/workflow.ts";
import type { Services } from "../workflows/services.ts";
import { registerStop, type StopRequest, type StopResult } from "../workflows/stop/workflow.ts";

/** Starts operations by id: the same id again is the same operation, never a second one. */
export interface Executor {
  apply(request: ApplyRequest): Promise<() => Promise<ApplyResult>>;
  journey(request: JourneyRequest): Promise<() => Promise<JourneyResult>>;
  stop(request: StopRequest): Promise<() => Promise<StopResult>>;
  shutdown(): Promise<void>;
}

/**
 * Registers the workflows and launches the executor, which first takes up what an earlier process left unfinished.
 * The caller must lead (an advisory lock) before this: two executors with one id would run a step twice.
 */
export async function launchExecutor(services: Services, pool: pg.Pool): Promise<Executor> {
  DBOS.setConfig({
    name: "ballast",
    systemDatabasePool: pool,
    applicationVersion: "1",
    executorID: "control-plane",
    enablePatching: true,
    logLevel: "error",
    runAdminServer: false,
  });
  const converge = registerConverge(services);
  const apply = registerApply(services, converge);
  const journey = registerJourney(services, converge);
  const stop = registerStop(services);
  await DBOS.launch();
  return {
    async apply(request) {
      const handle = await DBOS.startWorkflow(apply, { workflowID: request.operation })(request);
      return () => handle.getResult();
    },
    async journey(request) {
      const handle = await DBOS.startWorkflow(journey, { workflowID: request.operation })(request);
      return () => handle.getResult();
    },
    async stop(request) {
      const handle = await DBOS.startWorkflow(stop, { workflowID: request.operation })(request);
      return () => handle.getResult();
    },
    shutdown: () => DBOS.shutdown(),
  };
}
