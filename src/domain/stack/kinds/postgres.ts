import { closedAbout, type KindFacts } from "./kind.ts";

/** A PostgreSQL server. */
export interface PostgresSpec {
  readonly image: string;
  readonly memoryMiB: number;
  readonly cpuShares: number;
  readonly pidsLimit: number;
  /** Settings of postgresql.conf, derived with their reasons by the blueprint. */
  readonly settings: Readonly<Record<string, string>>;
}

export const postgres: KindFacts = {
  title: "PostgreSQL",
  holdsData: false,
  runs: true,
  usualSeconds: 3,
  fixed: {},
  updateImpact: () => closedAbout(8, "restart"),
};
