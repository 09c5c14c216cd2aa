import type { OdooRole } from "../../odoo/role.ts";
import { downtimeAbout, type KindFacts } from "./kind.ts";

/** Odoo processes of one tenant environment. */
export interface OdooSpec {
  readonly image: string;
  readonly series: string;
  /** What these processes do. Web, websocket and cron in one threaded process is the compact form for small tenants. */
  readonly roles: readonly OdooRole[];
  /** Prefork processes; 0 is one threaded process. */
  readonly workers: number;
  readonly cronThreads: number;
  /** Queued jobs at once. */
  readonly jobSlots: number;
  readonly database: string;
  readonly databaseRole: string;
  readonly memoryMiB: number;
  /** Relative weight when cores are short (1024 is one share). */
  readonly cpuShares: number;
  readonly pidsLimit: number;
  /** Connections that one process may hold. */
  readonly connectionsPerProcess: number;
  readonly logLevel: "info" | "debug" | "warn";
  /** Where its notifications meet; in the database that all of a server share where nothing is said, as versions before had it. */
  readonly bus?: "own-database";
}

/**
 * Processors that these processes can keep busy at most: one for each that computes, since Python runs one thread at a time in each, and one more
 * where a report is turned into a PDF by a program beside it.
 */
export function processorsOf({
  roles,
  workers,
  cronThreads,
  jobSlots,
}: Pick<OdooSpec, "roles" | "workers" | "cronThreads" | "jobSlots">): number {
  const prints = roles.includes("report") || roles.includes("web");
  return Math.max(1, workers, cronThreads, jobSlots) + (prints ? 1 : 0);
}

export const odoo: KindFacts = {
  title: "Odoo",
  holdsData: false,
  runs: true,
  usualSeconds: 3,
  closesWhenGone: "stopped",
  fixed: {},
  updateImpact: () => downtimeAbout(5, "restart"),
};
