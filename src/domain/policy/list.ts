import type { PolicyRule } from "./rule.ts";
import { backupCycles } from "./rules/backup-cycles.ts";
import { calendarCoverage } from "./rules/calendar-coverage.ts";
import { calendarNeverOpens } from "./rules/calendar-never-opens.ts";
import { circuitBreaker } from "./rules/circuit-breaker.ts";
import { copyNeutralised } from "./rules/copy-neutralised.ts";
import { coreRejects } from "./rules/core-rejects.ts";
import { diskQuotas } from "./rules/disk-quotas.ts";
import { highestShares } from "./rules/highest-shares.ts";
import { imagePinned } from "./rules/image-pinned.ts";
import { integrationProcesses } from "./rules/integration-processes.ts";
import { integrationTimeout } from "./rules/integration-timeout.ts";
import { machineMemory } from "./rules/machine-memory.ts";
import { maintenanceWindow } from "./rules/maintenance-window.ts";
import { memoryUnknown } from "./rules/memory-unknown.ts";
import { oneSynchronousReplica } from "./rules/one-synchronous-replica.ts";
import { poolCommonWindow } from "./rules/pool-common-window.ts";
import { poolConnections } from "./rules/pool-connections.ts";
import { poolTier } from "./rules/pool-tier.ts";
import { processMemory } from "./rules/process-memory.ts";
import { productionRegion } from "./rules/production-region.ts";
import { productionTier } from "./rules/production-tier.ts";
import { quotaConnections } from "./rules/quota-connections.ts";
import { quotaCronThreads } from "./rules/quota-cron-threads.ts";
import { quotaJobSlots } from "./rules/quota-job-slots.ts";
import { quotaMemory } from "./rules/quota-memory.ts";
import { reachableNames } from "./rules/reachable-names.ts";
import { replicaSameMachine } from "./rules/replica-same-machine.ts";
import { reportDeadlock } from "./rules/report-deadlock.ts";
import { retryBudget } from "./rules/retry-budget.ts";
import { rpoZero } from "./rules/rpo-zero.ts";
import { sandboxForCopies } from "./rules/sandbox-for-copies.ts";
import { seriesInProduction } from "./rules/series-in-production.ts";
import { seriesSupported } from "./rules/series-supported.ts";
import { sharedCredential } from "./rules/shared-credential.ts";
import { stagingApart } from "./rules/staging-apart.ts";
import { standbyRegion } from "./rules/standby-region.ts";
import { suspendedProduction } from "./rules/suspended-production.ts";
import { webProcesses } from "./rules/web-processes.ts";

/** Every guardrail, in the order of its codes. A new one is a file in `rules/` and a line here. */
export const RULES: readonly PolicyRule[] = [
  quotaMemory,
  quotaConnections,
  quotaCronThreads,
  quotaJobSlots,
  processMemory,
  oneSynchronousReplica,
  poolConnections,
  machineMemory,
  webProcesses,
  reportDeadlock,
  imagePinned,
  seriesSupported,
  seriesInProduction,
  productionTier,
  stagingApart,
  copyNeutralised,
  maintenanceWindow,
  calendarCoverage,
  calendarNeverOpens,
  poolCommonWindow,
  standbyRegion,
  rpoZero,
  replicaSameMachine,
  coreRejects,
  integrationTimeout,
  retryBudget,
  circuitBreaker,
  integrationProcesses,
  sandboxForCopies,
  poolTier,
  highestShares,
  reachableNames,
  diskQuotas,
  productionRegion,
  backupCycles,
  sharedCredential,
  memoryUnknown,
  suspendedProduction,
];
