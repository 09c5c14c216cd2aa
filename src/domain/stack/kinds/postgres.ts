import { downtimeAbout, type KindFacts } from "./kind.ts";

/** A PostgreSQL server. */
export interface PostgresSpec {
  readonly image: string;
  readonly memoryMiB: number;
  readonly cpuShares: number;
  readonly pidsLimit: number;
  /**
   * Counts the servers that were the first one here. The data carry the number under which they were last written to; a server that
   * comes back with an older one was replaced meanwhile and refuses to start.
   */
  readonly epoch: number;
  /** Settings of postgresql.conf, derived with their reasons by the blueprint. */
  readonly settings: Readonly<Record<string, string>>;
}

export const postgres: KindFacts = {
  title: "PostgreSQL",
  holdsData: false,
  runs: true,
  usualSeconds: 3,
  closesWhenGone: "stopped",
  fixed: {},
  updateImpact: () => downtimeAbout(8, "restart"),
};
