import { type KindFacts, NOBODY_NOTICES } from "./kind.ts";

/** A server certificate signed by the fleet's authority. */
export interface CertificateSpec {
  /** DNS names, wildcards included. */
  readonly names: readonly string[];
  readonly validDays: number;
  /** Counts up when it must be issued again. */
  readonly generation: number;
}

export const certificate: KindFacts = {
  title: "certificate",
  holdsData: false,
  runs: false,
  usualSeconds: 0.1,
  fixed: {},
  updateImpact: () => NOBODY_NOTICES,
};
