import { type KnownSeries, lastFrom } from "./known-series.ts";

/** The process that holds open connections to browsers: long polling first, websockets from 16.0 on. */
export interface WebsocketFacts {
  /** Requests below this path belong to it. */
  readonly path: "/longpolling" | "/websocket";
  /** Its port's name in `odoo.conf`. */
  readonly portOption: "longpolling_port" | "gevent_port";
  /** Undefined on 14.0, where it has none. */
  readonly healthPath: string | undefined;
}

/** Source: `odoo/tools/config.py`, `bus/controllers` of each series. */
export function websocketOf(series: KnownSeries): WebsocketFacts {
  return lastFrom<WebsocketFacts>(series, [
    ["14.0", { path: "/longpolling", portOption: "longpolling_port", healthPath: undefined }],
    ["15.0", { path: "/longpolling", portOption: "longpolling_port", healthPath: "/longpolling/health" }],
    ["16.0", { path: "/websocket", portOption: "gevent_port", healthPath: "/websocket/health" }],
  ]);
}
