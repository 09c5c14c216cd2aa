import { closedAbout, type KindFacts, NOBODY_NOTICES } from "./kind.ts";

/** A server certificate signed by the fleet's authority. */
export interface CertificateSpec {
  /** DNS names, wildcards included. */
  readonly names: readonly string[];
  readonly validDays: number;
  /** Counts up when it must be issued again. */
  readonly generation: number;
  /** It names no host: others sign for them, and it is shown until they did. */
  readonly fallback?: true;
}

export const certificate: KindFacts = {
  title: "certificate",
  holdsData: false,
  runs: false,
  usualSeconds: 0.1,
  fixed: {},
  // With this the names of hosts come or go, which the ingress must learn together with who signs for them.
  updateImpact: (fields) =>
    fields.includes("fallback") ? closedAbout(10, "other certificates for every tenant of the region") : NOBODY_NOTICES,
};
