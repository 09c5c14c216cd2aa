import { setTimeout as sleep } from "node:timers/promises";
import { DBOS } from "@dbos-inc/dbos-sdk";
import { registerInternalQueue, wfQueueRunner } from "@dbos-inc/dbos-sdk/internal/wfqueue";
import { workflowTimeoutConfig } from "@dbos-inc/dbos-sdk/internal/workflow_management";

/** How often the workflow engine looks for what nobody gives it. */
export const IDLE_MS = 60_000;
/** The engine's own queue: what an earlier process left unfinished is put there before the engine begins to look into it, and nothing later. */
const RECOVERY_QUEUE = "_dbos_internal_queue";
const LOOK_MS = 1000;
const MOST_LOOKS = 600;

/** Before launch: no workflow has a deadline, waits for a date or in a queue that somebody declared; asking for such once a minute is enough. */
export function seldomLook(): void {
  const quiet = { reconcileIntervalMs: IDLE_MS, transitionIntervalMs: IDLE_MS, defaultMinPollingIntervalMs: IDLE_MS };
  Object.assign(wfQueueRunner.constructor, quiet);
  workflowTimeoutConfig.pollingIntervalMs = IDLE_MS;
}

/** After launch: the engine looks for telemetry ten times a second that nobody asked for; once a minute keeps its queue empty as well. */
function seldomTelemetry(): void {
  const { telemetryCollector: collector } = DBOS.logger as unknown as { telemetryCollector?: Partial<Telemetry> };
  if (collector?.signalBufferID === undefined || collector.processAndExportSignals === undefined) return;
  clearInterval(collector.signalBufferID);
  collector.signalBufferID = setInterval(() => void collector.processAndExportSignals?.().catch(() => undefined), IDLE_MS);
  collector.signalBufferID.unref();
}

interface Telemetry {
  signalBufferID: NodeJS.Timeout;
  processAndExportSignals(): Promise<void>;
}

/** After launch: nothing is looked for often. Returns how to end the looking before the engine is shut down. */
export function restAfterLaunch(): () => Promise<void> {
  seldomTelemetry();
  const ending = new AbortController();
  const resting = seldomRecover(ending.signal);
  return async () => {
    ending.abort();
    await resting;
  };
}

/**
 * After launch: once everything that an earlier process left unfinished is taken up, the engine looks into its own queue once a minute. As long as that
 * is not known it goes on looking each second.
 */
async function seldomRecover(signal: AbortSignal): Promise<void> {
  for (let looks = 0; looks < MOST_LOOKS && !signal.aborted; looks++) {
    const waiting = await DBOS.listQueuedWorkflows({ queueName: RECOVERY_QUEUE, status: "ENQUEUED", loadInput: false }).catch(
      () => undefined,
    );
    if (signal.aborted) return;
    if (waiting?.length === 0) {
      registerInternalQueue(RECOVERY_QUEUE).minPollingIntervalMs = IDLE_MS;
      return;
    }
    await sleep(LOOK_MS, undefined, { ref: false, signal }).catch(() => undefined);
  }
}
