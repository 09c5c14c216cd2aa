import { tierNamed } from "../fleet/tiers.ts";
import type { OdooRole } from "../odoo/role.ts";
import { type AnyNode, type Edge, nodeId } from "../stack/node.ts";
import { connectionsPerProcess } from "./connections.ts";
import { odooRecipe } from "./context.ts";
import { hasMailbox, usesCache } from "./data.ts";
import { hasEgress } from "./egress.ts";
import type { EnvironmentPlan } from "./environment-plan.ts";
import type { ProcessGroup } from "./process-groups.ts";
import { credential } from "./secrets.ts";
import { cpuShares } from "./sizing.ts";

/** What hears notifications: the bus of people's pages, and the scheduler. */
const LISTENING: readonly OdooRole[] = ["websocket", "cron"];
/** Threads that wkhtmltopdf and the interpreter start beside the processes. */
/** Where one process answers everything each request has a thread: one client may have some 430 under way, of all kinds together, and others come in beside it. */
const PIDS_BASE = 384;
const PIDS_PER_PROCESS = 64;

/** The Odoo containers of an environment. */
export function odooNodes(plan: EnvironmentPlan): readonly AnyNode[] {
  return plan.groups.map((group) => odooNode(plan, group));
}

function odooNode(plan: EnvironmentPlan, group: ProcessGroup): AnyNode {
  const { loaded, environment, context, id, database, from } = plan;
  const { priority } = tierNamed(loaded.fleet.tiers, environment.tier);
  const processes = Math.max(1, group.workers) + group.cronThreads;
  return {
    id: nodeId(id, group.name),
    kind: "odoo",
    spec: {
      image: context.images[odooRecipe(environment.series)] ?? "",
      series: environment.series,
      roles: group.roles,
      workers: group.workers,
      cronThreads: group.cronThreads,
      jobSlots: group.jobSlots,
      database,
      databaseRole: database,
      memoryMiB: group.memoryMiB,
      cpuShares: Math.max(64, Math.round(cpuShares(priority) * group.weight)),
      pidsLimit: PIDS_BASE + PIDS_PER_PROCESS * processes,
      connectionsPerProcess: connectionsPerProcess(group),
      logLevel: "info",
      bus: "own-database",
    },
    uses: usesOf(plan, group),
    from,
  };
}

/** Where it connects; first for what it does, then for what it hears: a connection that listens goes past the pooler. */
function sqlOf({ connects, roles }: ProcessGroup): readonly string[] {
  if (connects === "direct") return ["postgres"];
  return roles.some((role) => LISTENING.includes(role)) ? ["pooler", "postgres"] : ["pooler"];
}

function usesOf(plan: EnvironmentPlan, group: ProcessGroup): readonly Edge[] {
  const { id, servers } = plan;
  const { quotas } = plan.environment;
  const hasQuota = !plan.clone && (quotas.memoryBytes ?? quotas.cpus ?? quotas.pids) !== undefined;
  return [
    { to: nodeId(id, "boundary"), as: "inside" },
    ...(hasQuota ? [{ to: nodeId(id, "quota"), as: "inside" } as const] : []),
    ...sqlOf(group).map((name): Edge => ({ to: nodeId(servers, name), as: "sql" })),
    { to: nodeId(id, "database"), as: "data" },
    { to: nodeId(id, "filestore"), as: "mount" },
    credential(id, "role-password"),
    credential(id, "master-password"),
    ...(usesCache(plan)
      ? [
          { to: nodeId(servers, "redis"), as: "cache" } as const,
          { to: nodeId(id, "keyspace"), as: "data" } as const,
          credential(id, "keyspace-password"),
        ]
      : []),
    ...(hasMailbox(plan) ? [{ to: nodeId(id, "mailbox"), as: "smtp" } as const] : []),
    ...(hasEgress(plan) ? [{ to: nodeId(id, "egress"), as: "egress" } as const] : []),
  ];
}
