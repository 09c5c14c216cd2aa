import type { Instant } from "../../kernel/instant.ts";

/** One answered request, as Odoo's own access log tells it. */
export interface AccessEntry {
  readonly at: Instant;
  readonly database: string | undefined;
  readonly client: string;
  readonly method: string;
  /** With its query, as it was asked for. */
  readonly target: string;
  readonly status: number;
  /** Undefined where no part of Odoo was asked that counts: static files, and refusals by the HTTP layer. */
  readonly spent: Spent | undefined;
}

export interface Spent {
  readonly sqlCount: number;
  readonly sqlSeconds: number;
  /** Everything but the waiting for PostgreSQL. */
  readonly pythonSeconds: number;
}

/** `2026-11-22 19:00:00,123 1 INFO acme werkzeug: ` and the rest. */
const PREFIX = /^(?<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(?<ms>\d{3}) \d+ INFO (?<database>\S+) werkzeug: (?<rest>.*)$/;
/** The client, a time without a zone, the request line, the status, the size (always `-`), and Odoo's three numbers. */
const REQUEST =
  /^(?<client>\S+) - - \[[^\]]*\] "(?<method>[A-Z]+) (?<target>\S+) HTTP\/[\d.]+" (?<status>\d{3}) \S+ (?<sqlCount>\d+|-) (?<sqlSeconds>\d+\.\d+|-) (?<pythonSeconds>\d+\.\d+|-)(?: |$)/;
/** Colours: the HTTP layer of older series may put them round a request line. */
const COLOUR = /\p{Cc}\[[\d;]*m/gu;

/**
 * Reads a line of Odoo's log; undefined for one that tells no answered request. The same in all series: what one adds after the three numbers is passed over.
 * The log's times are the process's, which runs in UTC.
 * Source: `PerfFilter` in odoo/netsvc.py; lines of running 14.0 and 19.0.
 */
export function parseAccessLine(line: string): AccessEntry | undefined {
  const prefix = PREFIX.exec(line.replaceAll(COLOUR, ""))?.groups;
  const request = REQUEST.exec(prefix?.["rest"] ?? "")?.groups;
  if (prefix === undefined || request === undefined) return undefined;
  return {
    at: Date.parse(`${prefix["time"]?.replace(" ", "T")}.${prefix["ms"]}Z`),
    database: prefix["database"] === "?" ? undefined : (prefix["database"] as string),
    client: request["client"] as string,
    method: request["method"] as string,
    target: request["target"] as string,
    status: Number(request["status"]),
    spent: request["sqlCount"] === "-" ? undefined : spentOf(request),
  };
}

function spentOf(request: Readonly<Record<string, string>>): Spent {
  return {
    sqlCount: Number(request["sqlCount"]),
    sqlSeconds: Number(request["sqlSeconds"]),
    pythonSeconds: Number(request["pythonSeconds"]),
  };
}
