import type { ProcessGroup } from "./process-groups.ts";
import { RESERVED } from "./sizing.ts";

/** Connections that only superusers get, and what the pooler needs to look up passwords. */
export const KEPT_BACK = RESERVED + 3;
/** Connections that listen, and go past the pooler: the bus of a threaded process and its cron threads, and some to spare. */
export const LISTENERS = 6;

/**
 * Connections that the pooler may open for one tenant: a third of what the server can give, so that three tenants at their busiest
 * fit beside each other and a fourth waits in the pooler instead of getting an error.
 */
export function poolSize(maxConnections: number): number {
  return Math.max(8, Math.min(32, Math.floor((maxConnections - KEPT_BACK) / 3)));
}

/**
 * Clients that the pooler of a shared server takes of one role, and of all: one that opens as many as it can leaves three quarters to the others. It follows
 * from the server alone: a tenant that comes or grows must not have the pooler of its neighbours restarted.
 */
export function poolerClients(maxConnections: number): { readonly ofOneRole: number; readonly ofAll: number } {
  const ofOneRole = Math.min(1000, Math.max(500, 5 * maxConnections));
  return { ofOneRole, ofAll: 4 * ofOneRole };
}

/**
 * Connections that one process may hold. A threaded process serves as many requests at once as half of them (odoo/service/server.py), and a report
 * calls its own process back for styles and pictures: with a few, reports at once came out unstyled or waited for each other. Behind the pooler an
 * idle one costs nothing.
 */
export function connectionsPerProcess(group: Pick<ProcessGroup, "roles" | "workers">): number {
  if (group.workers > 0) return 8;
  return group.roles.includes("web") ? 48 : 16;
}

/** Connections that processes hold which go past the pooler: those that listen and those that keep a transaction open for a whole run. */
function direct(group: ProcessGroup): number {
  if (group.connects === "pooled") return 0;
  return 2 * group.workers + 2 * group.cronThreads + group.jobSlots + 4;
}

/** What listens in processes that otherwise go through the pooler. */
function listeners(groups: readonly ProcessGroup[]): number {
  return groups
    .filter((group) => group.connects === "pooled")
    .reduce((sum, { roles, cronThreads }) => sum + cronThreads + (roles.includes("websocket") ? 1 : 0), 0);
}

/** The CONNECTION LIMIT of an environment's role: what the pooler may open for it, what goes past the pooler, and two for an operator. */
export function connectionLimit(groups: readonly ProcessGroup[], maxConnections: number, quota: number | undefined): number {
  const needed =
    poolSize(maxConnections) + Math.max(LISTENERS, listeners(groups)) + groups.reduce((sum, group) => sum + direct(group), 0) + 2;
  return quota === undefined ? needed : Math.min(needed, quota);
}
