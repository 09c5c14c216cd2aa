import { outcomeOf, type PageObservation, type PageOutcome } from "../../domain/health/page.ts";
import { filesOf } from "../../domain/odoo/page-files.ts";
import type { Instant } from "../../kernel/instant.ts";
import { handshakeFault } from "./handshake-fault.ts";
import { type Door, requestThrough } from "./through.ts";

/** The page that every series answers without a session, from its database. */
const PAGE = "/web/login";
/** A person has given up by then. */
const PAGE_SECONDS = 10;

const UNREACHABLE = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ECONNRESET", "EPIPE", "ENOTFOUND"]);
/** What this process or machine lacks says nothing about the page. */
const OWN_LACK = new Set(["EMFILE", "ENFILE", "ENOMEM", "ENOBUFS", "EADDRNOTAVAIL", "EACCES", "EPERM"]);

/** Asks for a page as a user's browser does: host name in TLS and in the request, certificate verified. Never throws: whatever happens is the answer. */
export async function askPage(
  door: Door,
  host: string,
  { now, seconds = PAGE_SECONDS }: { readonly now: () => Instant; readonly seconds?: number },
): Promise<PageObservation> {
  const began = performance.now();
  const seen = (outcome: PageOutcome, more: { status?: number; because?: string } = {}): PageObservation => ({
    at: now(),
    outcome,
    milliseconds: Math.round(performance.now() - began),
    ...more,
  });
  try {
    const { status, headers, body } = await requestThrough(door, { host, path: PAGE, seconds });
    if (leadsToItself(headers["location"], host)) return seen("failed", { because: "with a way to itself, without end" });
    const file = status === 200 ? filesOf(body)[0] : undefined;
    if (file === undefined) return seen(outcomeOf(status), { status });
    const { status: found } = await requestThrough(door, { host, path: file, seconds });
    return found < 400
      ? seen("answered", { status })
      : seen("failed", { because: `without what it needs: ${found} for ${file.slice(0, 80)}` });
  } catch (error) {
    return seen(outcomeOfFault(error as NodeJS.ErrnoException), { because: wordsOf(error as NodeJS.ErrnoException) });
  }
}

/** Where Odoo finds no database it sends the page of signing in to itself. */
function leadsToItself(location: string | readonly string[] | undefined, host: string): boolean {
  if (typeof location !== "string" || !URL.canParse(location, `https://${host}`)) return false;
  const { hostname, pathname } = new URL(location, `https://${host}`);
  return hostname === host && pathname === PAGE;
}

function outcomeOfFault({ code, name }: NodeJS.ErrnoException): PageOutcome {
  if (name === "TimeoutError" || name === "AbortError" || code === "ETIMEDOUT") return "silent";
  if (code !== undefined && OWN_LACK.has(code)) return "unasked";
  if (code !== undefined && UNREACHABLE.has(code)) return "unreachable";
  return handshakeFault({ code }) !== undefined ? "untrusted" : "failed";
}

function wordsOf({ message, code }: NodeJS.ErrnoException): string {
  return (message === "" ? (code ?? "no connection") : message).slice(0, 200);
}
