import { isCompact } from "../fleet/compact.ts";
import type { DataSource } from "../stack/data-source.ts";
import { type AnyNode, type Edge, isShared, nodeId } from "../stack/node.ts";
import { connectionLimit } from "./connections.ts";
import type { EnvironmentPlan } from "./environment-plan.ts";
import { groupOf } from "./process-groups.ts";
import { credential, secretNode } from "./secrets.ts";

export const ADMIN_LOGIN = "admin";
export const ODOO_PORT = 8069;
const SMTP_PORT = 1025;

/** What an environment keeps: database and filestore, its corner of the cache, and a mailbox where no mail may leave. */
export function dataNodes(plan: EnvironmentPlan): readonly AnyNode[] {
  const { id, from, servers, database } = plan;
  const template: Edge = { to: nodeId(servers, "template"), as: "clone" };
  return [
    databaseNode(plan, template),
    { id: nodeId(id, "filestore"), kind: "filestore", spec: { database }, uses: [template], from },
    ...(usesCache(plan) ? keyspaceNodes(plan) : []),
    ...(hasMailbox(plan) ? [mailboxNode(plan)] : []),
  ];
}

/** True where several process groups share sessions. */
export function usesCache({ environment, clone }: Pick<EnvironmentPlan, "environment" | "clone">): boolean {
  return !clone && !isCompact(environment.sizes);
}

/** True outside production, except for clones, which live for seconds. */
export function hasMailbox({ environment, clone }: Pick<EnvironmentPlan, "environment" | "clone">): boolean {
  return !clone && environment.name !== "production";
}

/** A statement that is divided among processes needs shared memory, of which all tenants of a server have one share and each can take all. */
const UNDIVIDED = { max_parallel_workers_per_gather: "0", max_parallel_maintenance_workers: "0" } as const;

function databaseNode(plan: EnvironmentPlan, template: Edge): AnyNode {
  const { id, environment, context, from, servers, database, groups, clone } = plan;
  const { quotas } = environment;
  const report = groupOf(groups, "report");
  return {
    id: nodeId(id, "database"),
    kind: "database",
    spec: {
      name: database,
      role: database,
      connectionLimit: connectionLimit(groups, maxConnections(plan), quotas.connections),
      series: environment.series,
      // A sort that does not fit into memory may not fill the disk of its neighbours.
      settings: { temp_file_limit: "4GB", ...(isShared(servers) ? UNDIVIDED : {}) },
      baseUrl: baseUrl(environment.host, context.ingress.port),
      reportUrl: report.roles.includes("web") ? `http://127.0.0.1:${ODOO_PORT}` : `http://${report.name}:${ODOO_PORT}`,
      neutralised: clone || environment.name !== "production",
      ...(hasMailbox(plan) ? { mailTo: { host: "mailbox", port: SMTP_PORT } } : {}),
      ...(quotas.diskBytes === undefined ? {} : { diskQuotaBytes: quotas.diskBytes }),
      adminLogin: ADMIN_LOGIN,
      ...(clone ? { source: ownData(environment.address) } : {}),
    },
    uses: [
      { to: nodeId(servers, "postgres"), as: "sql" },
      ...protectedBy(plan),
      template,
      credential(id, "role-password"),
      credential(id, "admin-password"),
      credential(id, "api-key"),
    ],
    from,
  };
}

/** Copies of more take minutes and disk of everybody's: a journey then runs on what the template holds. */
const MOST_COPIED_BYTES = 2 * 1024 ** 3;

/** A clone stands beside its environment on the same server, and begins with what is committed there. */
function ownData(address: string): DataSource {
  return { kind: "snapshot", of: nodeId(address, "database"), mostBytes: MOST_COPIED_BYTES };
}

function shapeOf({ loaded, environment }: EnvironmentPlan) {
  if (environment.hosting !== "shared") return environment.postgres;
  return loaded.fleet.pools.find((pool) => pool.name === environment.pool)?.postgres;
}

function maxConnections(plan: EnvironmentPlan): number {
  return shapeOf(plan)?.maxConnections ?? 0;
}

/** What is promised to survive the loss of a server waits for the second one before its first byte is written. */
function protectedBy(plan: EnvironmentPlan): readonly Edge[] {
  return shapeOf(plan)?.replica === "synchronous" ? [{ to: nodeId(plan.servers, "postgres-replica"), as: "data" }] : [];
}

function baseUrl(host: string, port: number): string {
  return port === 443 ? `https://${host}` : `https://${host}:${port}`;
}

function keyspaceNodes({ id, servers, database, from }: EnvironmentPlan): readonly AnyNode[] {
  return [
    secretNode(id, "keyspace-password", 24, from),
    {
      id: nodeId(id, "keyspace"),
      kind: "keyspace",
      spec: { user: database, prefix: `${database}:` },
      uses: [{ to: nodeId(servers, "redis"), as: "data" }, credential(id, "keyspace-password")],
      from,
    },
  ];
}

function mailboxNode({ id, context, from }: EnvironmentPlan): AnyNode {
  return {
    id: nodeId(id, "mailbox"),
    kind: "mailbox",
    spec: { image: context.images["mailbox"] ?? "", memoryMiB: 96, cpuShares: 128, pidsLimit: 16 },
    uses: [{ to: nodeId(id, "boundary"), as: "inside" }],
    from,
  };
}
