import { isCompact } from "../fleet/compact.ts";
import type { Environment, LoadedFleet } from "../fleet/model.ts";
import { tierNamed } from "../fleet/tiers.ts";
import { processorsOf } from "../stack/kinds/odoo.ts";
import { type AnyNode, nodeId, type SourceRef, type Stack } from "../stack/node.ts";
import type { CompileContext } from "./context.ts";
import { dataNodes } from "./data.ts";
import { egressNodes } from "./egress.ts";
import type { EnvironmentPlan } from "./environment-plan.ts";
import { odooNodes } from "./odoo.ts";
import { poolId } from "./pool.ts";
import { compactGroup, processGroups } from "./process-groups.ts";
import { routeNode } from "./route.ts";
import { secretNode } from "./secrets.ts";
import { serverNodes } from "./server.ts";
import { cpuShares, mebibytes } from "./sizing.ts";
import { templateModules } from "./template-modules.ts";

/** An environment: its boundary, its servers where it shares with nobody, credentials, database, filestore, processes and route. */
export function environmentStack(loaded: LoadedFleet, environment: Environment, context: CompileContext): Stack {
  const id = environment.address;
  return build({
    ...shared(loaded, environment, context),
    id,
    database: databaseName(id),
    groups: processGroups(environment),
    clone: false,
  });
}

/** The ephemeral clone of an environment: the same data plane, one process, neutralised and without a way in, on which a journey may do what cannot be undone. */
export function cloneStack(loaded: LoadedFleet, environment: Environment, context: CompileContext): Stack {
  return build({
    ...shared(loaded, environment, context),
    id: `${environment.address}~journey`,
    database: `${databaseName(environment.address)}_journey`,
    groups: [{ ...compactGroup(environment.sizes), cronThreads: 0 }],
    clone: true,
  });
}

function shared(
  loaded: LoadedFleet,
  environment: Environment,
  context: CompileContext,
): Omit<EnvironmentPlan, "id" | "database" | "groups" | "clone"> {
  const from: readonly SourceRef[] = [{ at: loaded.placeOf(environment.address), what: `environment ${environment.address}` }];
  const servers = environment.hosting === "shared" ? poolId(environment.pool) : environment.address;
  return { loaded, environment, context, from, servers };
}

/** `hamburg/production` → `hamburg_production`. Names are DNS labels, so no two addresses meet in one name. */
function databaseName(address: string): string {
  return address.replaceAll("-", "_").replaceAll("/", "_");
}

function build(plan: EnvironmentPlan): Stack {
  const { id, from, clone } = plan;
  const nodes: AnyNode[] = [
    { id: nodeId(id, "boundary"), kind: "boundary", spec: { outward: "none" }, uses: [], from },
    ...(clone ? [] : [...quotaNodes(plan), ...ownServers(plan)]),
    secretNode(id, "role-password", 24, from),
    secretNode(id, "admin-password", 15, from),
    secretNode(id, "master-password", 24, from),
    secretNode(id, "api-key", 30, from),
    ...dataNodes(plan),
  ];
  // Suspended means that nobody works on it and nobody gets in; its servers and data stay as they are.
  if (!plan.environment.suspended) nodes.push(...egressNodes(plan), ...odooNodes(plan), ...(clone ? [] : [routeNode(plan)]));
  return { id, role: "environment", nodes, ...(plan.environment.suspended ? { suspended: true as const } : {}) };
}

function quotaNodes({ loaded, id, environment, groups, from }: EnvironmentPlan): readonly AnyNode[] {
  const { memoryBytes, cpus, pids } = environment.quotas;
  if (memoryBytes === undefined && cpus === undefined && pids === undefined) return [];
  const spec = {
    ...(memoryBytes === undefined ? {} : { memoryMiB: mebibytes(memoryBytes) }),
    // Behind a wall its processes have no ceilings of their own: the kernel lets none be higher than the quota.
    cpus: cpus ?? groups.reduce((sum, group) => sum + processorsOf(group), 0),
    ...(pids === undefined ? {} : { pids }),
    cpuShares: cpuShares(tierNamed(loaded.fleet.tiers, environment.tier).priority),
  };
  return [{ id: nodeId(id, "quota"), kind: "quota", spec, uses: [], from }];
}

function ownServers({ loaded, environment, id, context, from }: EnvironmentPlan): readonly AnyNode[] {
  if (environment.hosting === "shared") return [];
  const { postgres, series, sizes, tier } = environment;
  const modules = templateModules(environment.modules, [environment]);
  const { priority } = tierNamed(loaded.fleet.tiers, tier);
  return serverNodes(id, { postgres, series, modules, priority, cache: !isCompact(sizes) }, context, from);
}
