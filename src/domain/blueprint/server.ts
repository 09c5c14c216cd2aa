import type { PostgresShape, Series } from "../fleet/model.ts";
import type { Tier } from "../fleet/tiers.ts";
import { type AnyNode, type Edge, isShared, nodeId, type SourceRef, type StackId } from "../stack/node.ts";
import { LISTENERS, poolerClients, poolSize } from "./connections.ts";
import { type CompileContext, odooRecipe } from "./context.ts";
import { secretNode } from "./secrets.ts";
import { cpuShares, mebibytes, postgresSettings } from "./sizing.ts";

/** What the data of a pool, or of an environment that shares with nobody, live on. */
export interface ServerShape {
  readonly postgres: PostgresShape;
  readonly series: Series;
  readonly modules: readonly string[];
  readonly priority: Tier["priority"];
  /** Sessions are shared by several process groups. */
  readonly cache: boolean;
}

/** Server processes and threads beside one backend for each connection. */
const SERVER_PIDS = 64;
const CACHE_MIB = 64;

/** PostgreSQL, its replica, the pooler before it, Redis where somebody needs it, and the template. */
export function serverNodes(id: StackId, shape: ServerShape, context: CompileContext, from: readonly SourceRef[]): readonly AnyNode[] {
  return [
    secretNode(id, "superuser-password", 24, from),
    secretNode(id, "pooler-password", 24, from),
    ...postgresNodes(id, shape, context, from),
    poolerNode(id, shape, context, from),
    ...(shape.cache ? cacheNodes(id, context, from) : []),
    {
      id: nodeId(id, "template"),
      kind: "template",
      spec: { image: context.images[odooRecipe(shape.series)] ?? "", series: shape.series, modules: shape.modules },
      uses: [inside(id), { to: nodeId(id, "postgres"), as: "sql" }],
      from,
    },
  ];
}

function inside(id: StackId): Edge {
  return { to: nodeId(id, "boundary"), as: "inside" };
}

function postgresNodes(id: StackId, shape: ServerShape, context: CompileContext, from: readonly SourceRef[]): readonly AnyNode[] {
  const { postgres, priority } = shape;
  const memoryMiB = mebibytes(postgres.memoryBytes);
  const server = {
    image: context.images["postgres"] ?? "",
    memoryMiB,
    cpuShares: 2 * cpuShares(priority),
    pidsLimit: postgres.maxConnections + SERVER_PIDS,
    settings: postgresSettings(memoryMiB, postgres.maxConnections),
    epoch: 1,
  };
  const primary: readonly AnyNode[] = [
    { id: nodeId(id, "data"), kind: "volume", spec: { purpose: "postgres" }, uses: [], from },
    {
      id: nodeId(id, "postgres"),
      kind: "postgres",
      spec: server,
      uses: [inside(id), { to: nodeId(id, "data"), as: "mount" }, { to: nodeId(id, "superuser-password"), as: "credential" }],
      from,
    },
  ];
  if (postgres.replica === "none") return primary;
  return [
    ...primary,
    secretNode(id, "replication-password", 24, from),
    { id: nodeId(id, "replica-data"), kind: "volume", spec: { purpose: "postgres" }, uses: [], from },
    {
      id: nodeId(id, "postgres-replica"),
      kind: "replica",
      spec: { ...server, mode: postgres.replica },
      uses: [
        inside(id),
        { to: nodeId(id, "postgres"), as: "sql" },
        { to: nodeId(id, "replica-data"), as: "mount" },
        { to: nodeId(id, "replication-password"), as: "credential" },
      ],
      from,
    },
  ];
}

function poolerNode(id: StackId, { postgres, priority }: ServerShape, context: CompileContext, from: readonly SourceRef[]): AnyNode {
  const clients = poolerClients(postgres.maxConnections);
  return {
    id: nodeId(id, "pooler"),
    kind: "pooler",
    spec: {
      image: context.images["pgbouncer"] ?? "",
      memoryMiB: 64,
      cpuShares: cpuShares(priority),
      pidsLimit: 16,
      poolSize: poolSize(postgres.maxConnections),
      sessionPoolSize: LISTENERS,
      maxClients: clients.ofAll,
      // Who has a server alone is kept from nobody.
      ...(isShared(id) ? { clientsPerRole: clients.ofOneRole } : {}),
      waitSeconds: 60,
    },
    uses: [inside(id), { to: nodeId(id, "postgres"), as: "sql" }, { to: nodeId(id, "pooler-password"), as: "credential" }],
    from,
  };
}

function cacheNodes(id: StackId, context: CompileContext, from: readonly SourceRef[]): readonly AnyNode[] {
  return [
    secretNode(id, "redis-password", 24, from),
    {
      id: nodeId(id, "redis"),
      kind: "redis",
      spec: { image: context.images["redis"] ?? "", memoryMiB: 2 * CACHE_MIB, cacheMiB: CACHE_MIB, cpuShares: 512, pidsLimit: 32 },
      uses: [inside(id), { to: nodeId(id, "redis-password"), as: "credential" }],
      from,
    },
  ];
}
