import { type ChangedField, downFromThenOn, downtimeAbout, type Impact, type KindFacts, NO_DOWNTIME } from "./kind.ts";

/** Paths that another node of the stack answers. */
export interface RoutePath {
  /** `/websocket`; the longest prefix wins. */
  readonly prefix: string;
  /** The node's own name inside the stack. */
  readonly node: string;
  readonly port: number;
  /** Other systems call there: their limits apply. */
  readonly calls?: true;
  /** Stays open for long: it counts when it is opened, and not among what is answered at once. */
  readonly stays?: true;
}

/** So many requests in so many seconds; half of what a minute allows may come at once. */
export interface RouteRate {
  readonly count: number;
  readonly perSeconds: number;
}

/** What one client may ask; a client is an address. Paths are prefixes, also behind one more part such as a language (`/de/web/login`). */
export interface RouteLimits {
  readonly bodyBytes: number;
  /** Of sign-ins and calls. */
  readonly callBodyBytes: number;
  readonly requests: RouteRate & { readonly atOnce: number };
  readonly calls: RouteRate;
  readonly logins: RouteRate & { readonly paths: readonly string[] };
  readonly reports: RouteRate & { readonly paths: readonly string[]; readonly atOnce: number };
}

/** Host names led from the ingress to a service. */
export interface RouteSpec {
  readonly hosts: readonly string[];
  /** The node that answers whatever no path leads elsewhere. */
  readonly node: string;
  readonly port: number;
  readonly paths: readonly RoutePath[];
  /** Paths that are closed to everybody outside, as prefixes. */
  readonly closedPaths: readonly string[];
  readonly limits: RouteLimits;
  /** Whether names below its hosts are ours too, so that browsers may be told to ask them by HTTPS alone. */
  readonly ownsSubdomains: boolean;
  /** Whether the ingress gets its certificate by ACME. */
  readonly acme?: true;
}

export const route: KindFacts = {
  title: "route",
  holdsData: false,
  runs: false,
  usualSeconds: 0.2,
  closesWhenGone: "its address stops answering",
  fixed: {},
  // Whoever has the former address in a bookmark, a mail or an integration finds nobody there.
  updateImpact(fields, changes = []) {
    if (fields.includes("hosts")) return downFromThenOn("its former address stops answering");
    const uses = changes.find(({ field }) => field === "uses");
    if (ingressIn(uses?.before) !== ingressIn(uses?.after)) return downFromThenOn("its former ingress no longer leads to it");
    // One process keeps sessions as files, several keep them in the database.
    if (fields.includes("node")) return downtimeAbout(5, "other processes answer, everybody signs in again");
    if (fields.includes("acme")) return downtimeAbout(30, "another authority signs for it");
    return letsInLess(changes) ? REFUSES : NO_DOWNTIME;
  },
};

/** Nobody knows who would have asked for more: what was answered until then may be refused. */
const REFUSES: Impact = {
  interruption: "closed",
  closedSeconds: 0,
  irreversible: false,
  says: "who asks for more than the smaller limits is refused",
};

/** Whether any of its limits becomes smaller: a number, or the rate of a count in so many seconds. */
function letsInLess(changes: readonly ChangedField[]): boolean {
  const factors = new Map<string, number>();
  for (const { field, before, after } of changes) {
    if (!field.startsWith("limits.") || typeof before !== "number" || typeof after !== "number") continue;
    const rate = field.match(/^(.*)[.](count|perSeconds)$/);
    const factor = rate?.[2] === "perSeconds" ? before / after : after / before;
    const limit = rate?.[1] ?? field;
    factors.set(limit, (factors.get(limit) ?? 1) * factor);
  }
  return [...factors.values()].some((factor) => factor < 1);
}

/** Among what it uses: the ingress, which stands in the platform of its region. */
function ingressIn(uses: unknown): string | undefined {
  return Array.isArray(uses) ? (uses as readonly string[]).find((use) => use.startsWith("http platform/")) : undefined;
}
