import { ROUTE_LIMITS } from "../../test/support/route-limits.ts";
import { type AnyNode, nodeId, type Stack } from "../domain/stack/node.ts";

/** What differs between engines in the stacks of the contract. */
export interface ContractParts {
  readonly images: Readonly<Record<"odoo-19" | "postgres" | "traefik", string>>;
  readonly port: number;
}

export const PLATFORM = "platform/contract";
export const POOL = "pool/contract";
export const TENANT = "contract-tenant/production";
const DOMAIN = "contract.localhost";

function node<K extends AnyNode["kind"]>(
  id: string,
  kind: K,
  spec: Extract<AnyNode, { kind: K }>["spec"],
  uses: AnyNode["uses"] = [],
): AnyNode {
  return { id, kind, spec, uses, from: [] } as unknown as AnyNode;
}

/** A platform, a pool and one tenant: every kind of node once. */
export function contractStacks(subject: ContractParts): { platform: Stack; pool: Stack; tenant: Stack } {
  const { images, port } = subject;
  const inside = (stack: string) => ({ to: nodeId(stack, "boundary"), as: "inside" }) as const;
  const platform: Stack = {
    id: PLATFORM,
    role: "platform",
    nodes: [
      node(nodeId(PLATFORM, "boundary"), "boundary", { outward: "published" }),
      node(nodeId(PLATFORM, "authority"), "authority", { domain: DOMAIN, validDays: 30 }),
      node(nodeId(PLATFORM, "certificate"), "certificate", { names: [`*.${DOMAIN}`], validDays: 10, generation: 1 }, [
        { to: nodeId(PLATFORM, "authority"), as: "trust" },
      ]),
      node(nodeId(PLATFORM, "ingress"), "ingress", { image: images.traefik, address: "127.0.0.1", port, memoryMiB: 128 }, [
        inside(PLATFORM),
        { to: nodeId(PLATFORM, "certificate"), as: "mount" },
      ]),
    ],
  };
  const pool: Stack = {
    id: POOL,
    role: "pool",
    nodes: [
      node(nodeId(POOL, "boundary"), "boundary", { outward: "none" }),
      node(nodeId(POOL, "superuser-password"), "secret", { purpose: "superuser-password", bytes: 24, generation: 1 }),
      node(nodeId(POOL, "data"), "volume", { purpose: "postgres" }),
      node(
        nodeId(POOL, "postgres"),
        "postgres",
        {
          image: images.postgres,
          memoryMiB: 384,
          cpuShares: 1024,
          pidsLimit: 128,
          epoch: 1,
          settings: { shared_buffers: "64MB", max_connections: "40" },
        },
        [inside(POOL), { to: nodeId(POOL, "data"), as: "mount" }, { to: nodeId(POOL, "superuser-password"), as: "credential" }],
      ),
      node(nodeId(POOL, "template"), "template", { image: images["odoo-19"], series: "19.0", modules: [] }, [
        inside(POOL),
        { to: nodeId(POOL, "postgres"), as: "sql" },
      ]),
    ],
  };
  return { platform, pool, tenant: tenantStack(images["odoo-19"], 512) };
}

export function tenantStack(image: string, memoryMiB: number): Stack {
  const credential = (name: string) => ({ to: nodeId(TENANT, name), as: "credential" }) as const;
  const secrets = (["role-password", "admin-password", "master-password", "api-key"] as const).map((purpose) =>
    node(nodeId(TENANT, purpose), "secret", { purpose, bytes: 24, generation: 1 }),
  );
  const clone = { to: nodeId(POOL, "template"), as: "clone" } as const;
  const sql = { to: nodeId(POOL, "postgres"), as: "sql" } as const;
  return {
    id: TENANT,
    role: "environment",
    nodes: [
      node(nodeId(TENANT, "boundary"), "boundary", { outward: "none" }),
      ...secrets,
      node(
        nodeId(TENANT, "database"),
        "database",
        {
          name: "contract_tenant",
          role: "contract_tenant",
          connectionLimit: 12,
          series: "19.0",
          baseUrl: `https://tenant.${DOMAIN}`,
          settings: {},
          reportUrl: "http://127.0.0.1:8069",
          neutralised: false,
          adminLogin: "admin",
        },
        [sql, clone, credential("role-password"), credential("admin-password"), credential("api-key")],
      ),
      node(nodeId(TENANT, "filestore"), "filestore", { database: "contract_tenant" }, [clone]),
      node(
        nodeId(TENANT, "odoo"),
        "odoo",
        {
          image,
          series: "19.0",
          roles: ["web"],
          workers: 0,
          cronThreads: 0,
          jobSlots: 0,
          database: "contract_tenant",
          databaseRole: "contract_tenant",
          memoryMiB,
          cpuShares: 1024,
          pidsLimit: 128,
          connectionsPerProcess: 8,
          logLevel: "info",
        },
        [
          { to: nodeId(TENANT, "boundary"), as: "inside" },
          sql,
          { to: nodeId(TENANT, "database"), as: "data" },
          { to: nodeId(TENANT, "filestore"), as: "mount" },
          credential("role-password"),
          credential("master-password"),
        ],
      ),
      node(
        nodeId(TENANT, "route"),
        "route",
        {
          hosts: [`tenant.${DOMAIN}`],
          node: "odoo",
          port: 8069,
          paths: [],
          closedPaths: ["/web/database"],
          limits: ROUTE_LIMITS,
          ownsSubdomains: false,
        },
        [
          { to: nodeId(TENANT, "boundary"), as: "inside" },
          { to: nodeId(TENANT, "odoo"), as: "http" },
          { to: nodeId(PLATFORM, "ingress"), as: "http" },
        ],
      ),
    ],
  };
}
