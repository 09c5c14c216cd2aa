import { type KindFacts, NOBODY_NOTICES } from "./kind.ts";

/** Somebody outside who may be called. */
export interface Allowed {
  readonly host: string;
  readonly port: number;
  /** The only addresses at which the host is called. Where there are none, every address that is not a private one. */
  readonly networks: readonly string[];
  /** The integrations that declare it. */
  readonly integrations: readonly string[];
}

/** The one way out of an environment: a proxy that leads to whom its integrations name, and to nobody else. */
export interface EgressSpec {
  readonly image: string;
  readonly memoryMiB: number;
  readonly cpuShares: number;
  readonly pidsLimit: number;
  /** In order of host and port. */
  readonly allow: readonly Allowed[];
}

export const egress: KindFacts = {
  title: "way out",
  holdsData: false,
  runs: true,
  usualSeconds: 1,
  fixed: {},
  updateImpact: () => ({ ...NOBODY_NOTICES, says: "calls to integrations fail for about 3 s" }),
};
