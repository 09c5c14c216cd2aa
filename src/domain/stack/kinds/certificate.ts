import { downFromThenOn, downtimeAbout, type KindFacts, NO_DOWNTIME } from "./kind.ts";

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
  closesWhenGone: "the ingress has no certificate",
  fixed: {},
  updateImpact(fields, changes = []) {
    // With this the names of hosts come or go, which the ingress must learn together with who signs for them.
    if (fields.includes("fallback")) return downtimeAbout(10, "other certificates for every tenant of the region");
    const lost = changes.filter((one) => one.field === "names").flatMap(({ before, after }) => without(before, after));
    return lost.length === 0 ? NO_DOWNTIME : downFromThenOn(`no longer for ${lost.join(", ")}`);
  },
};

/** Hosts that are no longer named. Wildcards stand for what is no production, and for all of a domain, which the authority changes with. */
function without(before: unknown, after: unknown): readonly string[] {
  const [former, now] = [before, after].map((names) => (Array.isArray(names) ? (names as readonly string[]) : []));
  return (former ?? []).filter((name) => !name.startsWith("*.") && now?.includes(name) !== true);
}
