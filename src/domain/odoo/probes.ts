import { type KnownSeries, lastFrom } from "./known-series.ts";

/** One question to a process over HTTP, and the answer that is good. */
export interface Probe {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** Only with POST; its type is JSON. */
  readonly body?: string;
  readonly goodStatus: 200;
}

export interface Probes {
  /**
   * Whether the process can serve: asks for no session. Good also while PostgreSQL is away, but late by as long as Odoo tries to reach it
   * (10 s where its name is gone from the network). A full queue delays it too.
   */
  readonly alive: Probe;
  /** Good when the database and the registry are there as well; without them 14.0 answers with a way to another page. */
  readonly ready: Probe;
  /** Says also whether PostgreSQL answers, with status 500 or not at all when it does not; undefined before 16.0. */
  readonly database: Probe | undefined;
}

const LOGIN: Probe = { method: "GET", path: "/web/login", goodStatus: 200 };
const HEALTH: Probe = { method: "GET", path: "/web/health", goodStatus: 200 };
const VERSION: Probe = { method: "POST", path: "/web/webclient/version_info", body: "{}", goodStatus: 200 };

/**
 * How to ask a process of a series how it is. Source: `web/controllers` of each series (`/web/health` since 15.0, its parameter `db_server_status`
 * since 16.0); asked of running 14.0 and 19.0, where 14.0 answers 404 on `/web/health`.
 */
export function probesOf(series: KnownSeries): Probes {
  return {
    alive: lastFrom(series, [
      ["14.0", VERSION],
      ["15.0", HEALTH],
    ]),
    ready: LOGIN,
    database: lastFrom<Probe | undefined>(series, [
      ["14.0", undefined],
      ["16.0", { ...HEALTH, path: "/web/health?db_server_status=1" }],
    ]),
  };
}
