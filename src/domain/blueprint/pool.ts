import { isCompact } from "../fleet/compact.ts";
import type { Environment, LoadedFleet, Pool } from "../fleet/model.ts";
import { tierNamed } from "../fleet/tiers.ts";
import { nodeId, type Stack, type StackId } from "../stack/node.ts";
import type { CompileContext } from "./context.ts";
import { serverNodes } from "./server.ts";
import { templateModules } from "./template-modules.ts";

export function poolId(pool: string): StackId {
  return `pool/${pool}`;
}

/** A shared runtime: one PostgreSQL server, what stands before it, and the template from which its tenants are cloned. */
export function poolStack(loaded: LoadedFleet, pool: Pool, context: CompileContext): Stack {
  const id = poolId(pool.name);
  const members = membersOf(loaded, pool);
  const from = [{ at: loaded.placeOf(id), what: `pool ${pool.name}` }];
  const shape = {
    postgres: pool.postgres,
    series: pool.series,
    modules: templateModules(pool.modules, members),
    priority: tierNamed(loaded.fleet.tiers, pool.tier).priority,
    cache: members.some((environment) => !isCompact(environment.sizes)),
  };
  return {
    id,
    role: "pool",
    nodes: [
      { id: nodeId(id, "boundary"), kind: "boundary", spec: { outward: "none" }, uses: [], from },
      ...serverNodes(id, shape, context, from),
    ],
  };
}

function membersOf(loaded: LoadedFleet, pool: Pool): readonly Environment[] {
  const environments = loaded.fleet.tenants.flatMap((tenant) => tenant.environments);
  return environments.filter((environment) => environment.hosting === "shared" && environment.pool === pool.name);
}
