import { isCompact } from "../fleet/compact.ts";
import type { Environment, Sizes } from "../fleet/model.ts";
import type { OdooRole } from "../odoo/role.ts";
import { mebibytes } from "./sizing.ts";

/** Odoo processes that share one container. */
export interface ProcessGroup {
  /** The node's own name. */
  readonly name: string;
  readonly roles: readonly OdooRole[];
  /** Prefork processes; 0 is one threaded process. */
  readonly workers: number;
  readonly cronThreads: number;
  readonly jobSlots: number;
  readonly memoryMiB: number;
  /** Share of the tier's weight for the processor: people before machines, and both before what can wait. */
  readonly weight: number;
  /** `direct`: it listens, or keeps a transaction open for a whole run, which a pooler in transaction mode does not stand. */
  readonly connects: "pooled" | "direct";
}

/** The containers of an environment: one, or one for each role. */
export function processGroups({ sizes }: Pick<Environment, "sizes">): readonly ProcessGroup[] {
  return isCompact(sizes) ? [compactGroup(sizes)] : splitGroups(sizes);
}

/** One threaded process: the smallest thing that serves. */
export function compactGroup(sizes: Sizes): ProcessGroup {
  return {
    name: "odoo",
    roles: ["web", "websocket", "cron"],
    workers: 0,
    cronThreads: sizes.cron.threads,
    jobSlots: 0,
    memoryMiB: mebibytes(sizes.web.memoryBytes),
    weight: 1,
    connects: "pooled",
  };
}

/** What a role is made of, whatever its size. */
const NATURE = {
  web: { weight: 1, connects: "pooled" },
  websocket: { weight: 0.5, connects: "direct" },
  cron: { weight: 0.25, connects: "direct" },
  jobs: { weight: 0.25, connects: "direct" },
  report: { weight: 0.5, connects: "pooled" },
  integration: { weight: 0.5, connects: "pooled" },
} as const satisfies Readonly<Record<OdooRole, Pick<ProcessGroup, "weight" | "connects">>>;

interface Size {
  readonly workers?: number;
  readonly cronThreads?: number;
  readonly jobSlots?: number;
  readonly memoryBytes: number;
}

function group(role: OdooRole, { workers = 0, cronThreads = 0, jobSlots = 0, memoryBytes }: Size): ProcessGroup {
  return { name: `odoo-${role}`, roles: [role], workers, cronThreads, jobSlots, memoryMiB: mebibytes(memoryBytes), ...NATURE[role] };
}

function splitGroups({ web, websocket, cron, jobs, report, integration }: Sizes): readonly ProcessGroup[] {
  return [
    group("web", { workers: web.processes, ...web }),
    group("websocket", websocket),
    // One process beside the cron ones answers the health check.
    group("cron", { workers: 1, cronThreads: cron.threads, ...cron }),
    // A queue that is full must not keep the health check waiting either.
    ...(jobs.slots === 0 ? [] : [group("jobs", { workers: jobs.slots + 1, jobSlots: jobs.slots, ...jobs })]),
    ...(report.processes === 0 ? [] : [group("report", { workers: report.processes, ...report })]),
    ...(integration.processes === 0 ? [] : [group("integration", { workers: integration.processes, ...integration })]),
  ];
}

/** The node to which a role's requests go: its own, else the one that answers people. */
export function groupOf(groups: readonly ProcessGroup[], role: OdooRole): ProcessGroup {
  return groups.find((group) => group.roles.includes(role)) ?? (groups[0] as ProcessGroup);
}
