import type { LoadedFleet, SharedEnvironment } from "../fleet/model.ts";
import { tierNamed } from "../fleet/tiers.ts";
import type { SecretSpec } from "../stack/kinds/secret.ts";
import { type AnyNode, type Edge, nodeId, type SourceRef, type Stack, type StackId } from "../stack/node.ts";
import { type CompileContext, odooRecipe } from "./context.ts";
import { platformId } from "./platform.ts";
import { poolId } from "./pool.ts";
import { connectionLimit, connectionsPerProcess, cpuShares, mebibytes, preforkWorkers } from "./sizing.ts";

/** Paths that nobody outside may reach: the database manager, and the old RPC doors through which a tenant's name can be chosen. */
const CLOSED_PATHS = ["/web/database", "/jsonrpc", "/xmlrpc"];
const ODOO_PORT = 8069;
export const ADMIN_LOGIN = "admin";

/** What tells a throw-away twin from the environment beside which it stands. */
interface Identity {
  readonly id: StackId;
  readonly database: string;
  readonly twin: boolean;
}

/** An environment on a pool: its own boundary, credentials, database, filestore, processes and route. */
export function environmentStack(loaded: LoadedFleet, environment: SharedEnvironment, context: CompileContext): Stack {
  return build(loaded, environment, context, { id: environment.address, database: databaseName(environment.address), twin: false });
}

/** The throw-away twin of an environment: the same stack, neutralised and without a way in, on which a journey may do what cannot be undone. */
export function twinStack(loaded: LoadedFleet, environment: SharedEnvironment, context: CompileContext): Stack {
  const id = `${environment.address}~journey`;
  return build(loaded, environment, context, { id, database: `${databaseName(environment.address)}_journey`, twin: true });
}

/** `hamburg/production` → `hamburg_production`. Names are DNS labels, so no two addresses meet in one name. */
function databaseName(address: string): string {
  return address.replaceAll("-", "_").replaceAll("/", "_");
}

function build(loaded: LoadedFleet, environment: SharedEnvironment, context: CompileContext, identity: Identity): Stack {
  const { id } = identity;
  const from: readonly SourceRef[] = [{ at: loaded.placeOf(environment.address), what: `environment ${environment.address}` }];
  const secrets = secretNodes(id, from);
  const nodes: AnyNode[] = [
    { id: nodeId(id, "boundary"), kind: "boundary", spec: { outward: "none" }, uses: [], from },
    ...secrets,
    ...dataNodes(environment, identity, { context, from }),
    odooNode(loaded, environment, identity, { context, from }),
  ];
  if (!identity.twin) nodes.push(routeNode(environment, from));
  return { id, role: "environment", nodes };
}

function secretNodes(id: StackId, from: readonly SourceRef[]): readonly AnyNode[] {
  const purposes: readonly { purpose: SecretSpec["purpose"]; bytes: number }[] = [
    { purpose: "role-password", bytes: 24 },
    { purpose: "admin-password", bytes: 15 },
    { purpose: "master-password", bytes: 24 },
    { purpose: "api-key", bytes: 30 },
  ];
  return purposes.map(({ purpose, bytes }) => ({
    id: nodeId(id, purpose),
    kind: "secret",
    spec: { purpose, bytes, generation: 1 },
    uses: [],
    from,
  }));
}

interface Made {
  readonly context: CompileContext;
  readonly from: readonly SourceRef[];
}

function credential(id: StackId, purpose: SecretSpec["purpose"]): Edge {
  return { to: nodeId(id, purpose), as: "credential" };
}

function dataNodes(environment: SharedEnvironment, identity: Identity, { context, from }: Made): readonly AnyNode[] {
  const { id } = identity;
  const pool = poolId(environment.pool);
  const template: Edge = { to: nodeId(pool, "template"), as: "clone" };
  const workers = preforkWorkers(environment.sizes.web.processes);
  return [
    {
      id: nodeId(id, "database"),
      kind: "database",
      spec: {
        name: identity.database,
        role: identity.database,
        connectionLimit: connectionLimit(workers, environment.sizes.cron.threads),
        series: environment.series,
        baseUrl: baseUrl(environment.host, context.ingress.port),
        neutralised: identity.twin || environment.name !== "production",
        adminLogin: ADMIN_LOGIN,
      },
      uses: [
        { to: nodeId(pool, "postgres"), as: "sql" },
        template,
        credential(id, "role-password"),
        credential(id, "admin-password"),
        credential(id, "api-key"),
      ],
      from,
    },
    { id: nodeId(id, "filestore"), kind: "filestore", spec: { database: identity.database }, uses: [template], from },
  ];
}

function baseUrl(host: string, port: number): string {
  return port === 443 ? `https://${host}` : `https://${host}:${port}`;
}

function odooNode(loaded: LoadedFleet, environment: SharedEnvironment, identity: Identity, { context, from }: Made): AnyNode {
  const { id } = identity;
  const { web, cron } = environment.sizes;
  const workers = preforkWorkers(web.processes);
  const memoryMiB = mebibytes(web.memoryBytes);
  return {
    id: nodeId(id, "odoo"),
    kind: "odoo",
    spec: {
      image: context.images[odooRecipe(environment.series)] ?? "",
      series: environment.series,
      roles: ["web", "websocket", "cron"],
      workers,
      cronThreads: identity.twin ? 0 : cron.threads,
      database: identity.database,
      databaseRole: identity.database,
      memoryMiB,
      cpuShares: cpuShares(tierNamed(loaded.fleet.tiers, environment.tier).priority),
      pidsLimit: 256,
      connectionsPerProcess: connectionsPerProcess(workers),
      logLevel: "info",
    },
    uses: [
      { to: nodeId(id, "boundary"), as: "inside" },
      { to: nodeId(poolId(environment.pool), "postgres"), as: "sql" },
      { to: nodeId(id, "database"), as: "data" },
      { to: nodeId(id, "filestore"), as: "mount" },
      credential(id, "role-password"),
      credential(id, "master-password"),
    ],
    from,
  };
}

function routeNode(environment: SharedEnvironment, from: readonly SourceRef[]): AnyNode {
  const id = environment.address;
  return {
    id: nodeId(id, "route"),
    kind: "route",
    spec: { hosts: [environment.host], port: ODOO_PORT, closedPaths: CLOSED_PATHS },
    uses: [
      { to: nodeId(id, "boundary"), as: "inside" },
      { to: nodeId(id, "odoo"), as: "http" },
      { to: nodeId(platformId(environment.region), "ingress"), as: "http" },
    ],
    from,
  };
}
