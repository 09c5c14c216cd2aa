import { downtimeAbout, type KindFacts } from "./kind.ts";

/** PgBouncer before a PostgreSQL server: many clients, few connections. A transaction holds a connection, an idle process none. */
export interface PoolerSpec {
  readonly image: string;
  readonly memoryMiB: number;
  readonly cpuShares: number;
  readonly pidsLimit: number;
  /** Connections to the server that one role may use in one database at once; who comes later waits. */
  readonly poolSize: number;
  /** Of each role in the database `postgres`, where connections last: the pooler's own look-up, and the bus of an Odoo that an older version made. */
  readonly sessionPoolSize: number;
  readonly maxClients: number;
  /** Of these, how many one role may have; as many as there are where nothing is said. */
  readonly clientsPerRole?: number;
  /** Seconds that a client waits for a connection before it is told so. */
  readonly waitSeconds: number;
}

export const pooler: KindFacts = {
  title: "connection pooler",
  holdsData: false,
  runs: true,
  usualSeconds: 0.7,
  closesWhenGone: "stopped",
  fixed: {},
  updateImpact: () => downtimeAbout(2, "restart of the pooler"),
};
