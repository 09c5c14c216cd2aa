import type { LoadedFleet, Pool } from "../fleet/model.ts";
import { tierNamed } from "../fleet/tiers.ts";
import { type AnyNode, nodeId, type Stack, type StackId } from "../stack/node.ts";
import { type CompileContext, odooRecipe } from "./context.ts";
import { cpuShares, mebibytes, postgresSettings } from "./sizing.ts";

export function poolId(pool: string): StackId {
  return `pool/${pool}`;
}

/** A shared runtime: one PostgreSQL server and the template from which its tenants are cloned. */
export function poolStack(loaded: LoadedFleet, pool: Pool, context: CompileContext): Stack {
  const id = poolId(pool.name);
  const tier = tierNamed(loaded.fleet.tiers, pool.tier);
  const from = [{ at: loaded.placeOf(id), what: `pool ${pool.name}` }];
  const memoryMiB = mebibytes(pool.postgres.memoryBytes);
  const inside = { to: nodeId(id, "boundary"), as: "inside" } as const;
  const nodes: AnyNode[] = [
    { id: nodeId(id, "boundary"), kind: "boundary", spec: { outward: "none" }, uses: [], from },
    {
      id: nodeId(id, "superuser-password"),
      kind: "secret",
      spec: { purpose: "superuser-password", bytes: 24, generation: 1 },
      uses: [],
      from,
    },
    { id: nodeId(id, "data"), kind: "volume", spec: { purpose: "postgres" }, uses: [], from },
    {
      id: nodeId(id, "postgres"),
      kind: "postgres",
      spec: {
        image: context.images["postgres"] ?? "",
        memoryMiB,
        cpuShares: 2 * cpuShares(tier.priority),
        pidsLimit: pool.postgres.maxConnections + 64,
        settings: postgresSettings(memoryMiB, pool.postgres.maxConnections),
      },
      uses: [inside, { to: nodeId(id, "data"), as: "mount" }, { to: nodeId(id, "superuser-password"), as: "credential" }],
      from,
    },
    {
      id: nodeId(id, "template"),
      kind: "template",
      spec: { image: context.images[odooRecipe(pool.series)] ?? "", series: pool.series, modules: pool.modules },
      uses: [inside, { to: nodeId(id, "postgres"), as: "sql" }],
      from,
    },
  ];
  return { id, role: "pool", nodes };
}
