import type { Instant } from "../../kernel/instant.ts";

/**
 * What came of asking an environment for a page, as its users ask: by its host name, through the ingress, with the certificate verified.
 * `answered`: a page. `failed`: the ingress or Odoo answered with an error. `silent`: nothing came in time. `untrusted`: the certificate was refused.
 * `limited`: the ingress refused this client for asking too often, which says nothing about Odoo. `unreachable`: nobody listens at the ingress.
 * `unasked`: the control plane itself could not ask.
 */
export type PageOutcome = "answered" | "failed" | "silent" | "untrusted" | "limited" | "unreachable" | "unasked";

export interface PageObservation {
  readonly at: Instant;
  readonly outcome: PageOutcome;
  /** HTTP status, where there was an answer. */
  readonly status?: number;
  /** How long the answer took. */
  readonly milliseconds: number;
  /** The fault in the words of the connection, such as `certificate has expired`. */
  readonly because?: string;
}

/** A page is asked for at least this often. */
export const PAGE_EVERY_MS = 30_000;

/** Statuses with which a proxy or Odoo says that it has more work than it can take. */
const OVERLOADED = new Set([503, 504]);

/** What an HTTP status says of a page: below 400 it is one, or the way to one. */
export function outcomeOf(status: number): PageOutcome {
  if (status === 429) return "limited";
  return status < 400 ? "answered" : "failed";
}

/** What is seen of the processes behind a page. */
export type Processes = "alive" | "starting" | "not all alive";

/** What an observation does to the state of an environment whose processes all do their work; nothing where a page came. */
export interface PageVerdict {
  readonly state: "degraded" | "down" | "unknown";
  readonly because: string;
}

/**
 * Processes that work and a page that does not come: `degraded` where the processes are alive and only too busy, `down` where nobody gets a page.
 * @param processes what is seen of its processes: where they start, or are not all alive, that is the reason, and not too much work.
 * Too much work is never taken for a process that hangs, so nothing is restarted for it.
 */
export function judgePage(page: PageObservation | undefined, processes: Processes = "alive"): PageVerdict | undefined {
  if (page === undefined) return { state: "unknown", because: "no page was asked for yet" };
  const verdict = VERDICTS[page.outcome](page);
  if (processes === "starting" && (page.outcome === "failed" || page.outcome === "silent")) {
    return { state: "down", because: `starting: ${cameOf(page)}, and its processes were just started` };
  }
  if (processes === "alive" || verdict?.state !== "degraded") return verdict;
  return { state: "down", because: cameOf(page) };
}

function cameOf(page: PageObservation): string {
  if (page.outcome === "silent") return `no page came within ${seconds(page)} s`;
  return `the page answered ${page.status ?? page.because ?? "what is no page"}`;
}

const VERDICTS: Readonly<Record<PageOutcome, (page: PageObservation) => PageVerdict | undefined>> = {
  answered: () => undefined,
  limited: () => ({ state: "unknown", because: "the ingress limits requests from this machine (429), so no page was seen" }),
  unasked: ({ because = "unknown why" }) => ({ state: "unknown", because: `no page could be asked for: ${because}` }),
  silent: (page) => ({ state: "degraded", because: `saturated: no page within ${seconds(page)} s, and its processes are alive` }),
  untrusted: ({ because = "not trusted" }) => ({ state: "down", because: `browsers refuse its certificate: ${because}` }),
  unreachable: ({ because = "no connection" }) => ({ state: "down", because: `the ingress cannot be reached: ${because}` }),
  failed: ({ status, because = "what is no page" }) =>
    OVERLOADED.has(status ?? 0)
      ? { state: "degraded", because: `saturated: the page answered ${status}, and its processes are alive` }
      : { state: "down", because: `the page answered ${status ?? because}` },
};

function seconds(page: PageObservation): number {
  return Math.round(page.milliseconds / 1000);
}
