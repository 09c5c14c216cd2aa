import { type KindFacts, NO_DOWNTIME } from "./kind.ts";

/** Somebody outside who may be called. */
export interface Allowed {
  readonly host: string;
  readonly port: number;
  /** The only addresses at which the host is called. Where there are none, every address that is not a private one. */
  readonly networks: readonly string[];
  /** The integrations that declare it. */
  readonly integrations: readonly string[];
}

/** The one egress of an environment: a proxy that leads to whom its integrations name, and to nobody else. */
export interface EgressSpec {
  readonly image: string;
  readonly memoryMiB: number;
  readonly cpuShares: number;
  readonly pidsLimit: number;
  /** In order of host and port. */
  readonly allow: readonly Allowed[];
}

export const egress: KindFacts = {
  title: "egress proxy",
  holdsData: false,
  runs: true,
  usualSeconds: 1,
  fixed: {},
  updateImpact: () => ({ ...NO_DOWNTIME, says: "calls to integrations fail for about 3 s" }),
};
