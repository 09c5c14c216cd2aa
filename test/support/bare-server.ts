import { randomBytes } from "node:crypto";
import pg from "pg";
import { createSealedValues } from "../../src/adapters/vault/vault.ts";
import { dockerClient } from "../../src/app/machine/machine-engine.ts";
import { createVault } from "../../src/app/secrets/vault.ts";
import type { DatabaseSpec } from "../../src/domain/stack/kinds/database.ts";
import { NO_DOWNTIME } from "../../src/domain/stack/kinds/kind.ts";
import { type AnyNode, type NodeId, nodeId, type Stack, type StackId, type StackNode } from "../../src/domain/stack/node.ts";
import type { Applied, EndedSession } from "../../src/engines/engine.ts";
import { contractStacks, POOL } from "../../src/engines/stacks.contract.ts";
import { testInstallation } from "./docker-installation.ts";

const PURPOSES = ["role-password", "admin-password", "api-key"] as const;

/** A PostgreSQL server with a template and databases of tenants, without Odoo: for what happens between Ballast and SQL. */
export interface BareServer {
  /** A node of a tenant's database, as a blueprint would make it; `more` differs from that. */
  database(stack: StackId, more?: Partial<DatabaseSpec>): StackNode<"database">;
  /** Makes a node real, with its secrets; told lines go to `progress`. */
  realise(node: StackNode<"database">, more?: { formerly?: NodeId; generations?: Readonly<Record<string, number>> }): Promise<Applied>;
  remove(node: StackNode<"database">): Promise<Applied>;
  /** Takes what stands under a node's name for the node's own. */
  adopt(node: StackNode<"database">): Promise<string | undefined>;
  /** Removes what makings that were cut off left on it, and tells the names. */
  sweep(): Promise<readonly string[]>;
  observe(stack: StackId): ReturnType<Awaited<ReturnType<typeof testInstallation>>["engine"]["observe"]>;
  /** A session of the server's superuser, or of a node's own role in its own database. */
  session(as: StackNode<"database"> | "superuser", database?: string): Promise<pg.Client>;
  /** The rows of one statement, over a session of its own. */
  ask(as: StackNode<"database"> | "superuser", text: string, database?: string): Promise<Record<string, unknown>[]>;
  /** Runs statements one after the other, over one session. */
  plant(as: StackNode<"database">, statements: readonly string[]): Promise<void>;
  /** What follows each start of the server, as an apply does it. */
  repair(): Promise<Applied>;
  /** The sessions that were ended since the last time. */
  ended(): Promise<readonly EndedSession[]>;
  readonly progress: readonly string[];
  close(): Promise<void>;
}

export async function bareServer(topic: string, modules: readonly string[] = []): Promise<BareServer> {
  const own = await testInstallation(topic);
  const { "odoo-19": odoo = "", postgres = "", traefik = "" } = own.references;
  await own.engine.prepare?.([odoo, postgres], { progress: () => undefined, signal: AbortSignal.timeout(1_500_000) });
  const { pool } = contractStacks({ images: { "odoo-19": odoo, postgres, traefik }, port: 0 });
  const known = new Map<NodeId, AnyNode>(pool.nodes.map((node) => [node.id, node]));
  const template = known.get(nodeId(POOL, "template")) as StackNode<"template">;
  known.set(template.id, { ...template, spec: { ...template.spec, modules } });
  const formerly = new Map<NodeId, NodeId>();
  const kept = new Map<string, Uint8Array>();
  const vault = createVault({
    sealed: createSealedValues(
      {
        sealedSecret: async (address, generation) => kept.get(`${address}#${generation}`),
        keepSealedSecret: async ({ address, generation, sealed }) => {
          kept.set(`${address}#${generation}`, sealed);
          return sealed;
        },
      },
      { current: randomBytes(32) },
    ),
    fleet: own.installation.fleet,
    find: async (id) => known.get(id),
    formerly: async (id) => formerly.get(id),
    now: () => Date.now(),
  });
  const progress: string[] = [];
  async function apply(node: AnyNode, verb: "create" | "remove", former?: NodeId): Promise<Applied> {
    known.set(node.id, node);
    const stack: Stack = { id: node.id, role: "environment", nodes: [node] };
    const side = verb === "create" ? { desired: node } : { observed: node };
    return await own.engine.apply(
      { node: node.id, kind: node.kind, verb, because: [], impact: NO_DOWNTIME, after: [], ...side },
      {
        stack,
        find: (id) => known.get(id),
        formerly: (id) => (id === node.id ? former : undefined),
        vault,
        progress: (line) => progress.push(line),
        signal: AbortSignal.timeout(600_000),
      },
    );
  }
  for (const node of pool.nodes) await apply(known.get(node.id) as AnyNode, "create");
  const host = (await own.engine.endpoint(nodeId(POOL, "postgres")))?.host;
  async function session(as: StackNode<"database"> | "superuser", database?: string): Promise<pg.Client> {
    const at = as === "superuser" ? nodeId(POOL, "superuser-password") : nodeId(as.id.slice(0, as.id.lastIndexOf("/")), "role-password");
    const user = as === "superuser" ? "postgres" : as.spec.role;
    const name = database ?? (as === "superuser" ? "postgres" : as.spec.name);
    const client = new pg.Client({ ...(host === undefined ? {} : { host }), user, database: name, password: await vault.secret(at) });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }
  return {
    progress,
    database(stack, more = {}) {
      const name = stack.replaceAll(/[-/~]/g, "_");
      const credential = (purpose: string) => ({ to: nodeId(stack, purpose), as: "credential" }) as const;
      return {
        id: nodeId(stack, "database"),
        kind: "database",
        spec: {
          name,
          role: name,
          connectionLimit: 12,
          series: "19.0",
          settings: {},
          baseUrl: `https://${name}.localhost`,
          reportUrl: "http://127.0.0.1:8069",
          neutralised: false,
          adminLogin: "admin",
          ...more,
        },
        uses: [{ to: nodeId(POOL, "postgres"), as: "sql" }, { to: template.id, as: "clone" }, ...PURPOSES.map(credential)],
        from: [],
      };
    },
    async realise(node, { formerly: former, generations = {} } = {}) {
      const stack = node.id.slice(0, node.id.lastIndexOf("/"));
      for (const purpose of PURPOSES) {
        const id = nodeId(stack, purpose);
        if (former !== undefined) formerly.set(id, nodeId(former.slice(0, former.lastIndexOf("/")), purpose));
        await apply(
          { id, kind: "secret", spec: { purpose, bytes: 24, generation: generations[purpose] ?? 1 }, uses: [], from: [] },
          "create",
        );
      }
      const uses = node.uses.map((edge) => {
        const generation = generations[edge.to.slice(edge.to.lastIndexOf("/") + 1)];
        return generation === undefined ? edge : { ...edge, generation };
      });
      return await apply({ ...node, uses }, "create", former);
    },
    remove: (node) => apply(node, "remove"),
    adopt: async (node) => await own.engine.adopt?.(node, vault),
    async sweep() {
      const swept = await own.engine.sweep?.();
      if (swept === undefined || swept.failed.length > 0) throw new Error(`a server was not swept: ${String(swept?.failed[0])}`);
      return swept.removed.map(({ database }) => database);
    },
    observe: (stack) => own.engine.observe({ id: stack, role: "environment", nodes: [] }),
    repair: () => apply(known.get(nodeId(POOL, "postgres")) as AnyNode, "create"),
    ended: async () => (await own.engine.relieve?.())?.ended ?? [],
    session,
    ask: async (as, text, database) =>
      await over(await session(as, database), async (client) => (await client.query<Record<string, unknown>>(text)).rows),
    plant: async (as, statements) =>
      await over(await session(as), async (client) => {
        for (const statement of statements) await client.query(statement);
      }),
    async close() {
      await own.destroy();
      await dockerClient().pruneVolumes({ filters: { label: [`ballast.fleet=${own.installation.fleet}`] } });
    },
  };
}

async function over<T>(client: pg.Client, work: (client: pg.Client) => Promise<T>): Promise<T> {
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
