import { isFrom, type KnownSeries, lastFrom } from "./known-series.ts";

/** What of `odoo.conf` differs between series. An option that a series does not know is passed over in silence before 19.0 and warned of since, so it must not be written. */
export interface OptionFacts {
  /** Server-wide modules that the series loads by itself. */
  readonly serverWideModules: readonly string[];
  /** How a new database is told to leave out the demonstration data; the option takes names of modules before 19.0, and a boolean since. */
  readonly withoutDemo: "all" | "True";
  /** Options of their own for the memory of the websocket process. */
  readonly geventMemoryLimits: boolean;
  /** An option of its own for the connections of the websocket process. */
  readonly geventConnections: boolean;
  /** Files of the filestore can be handed to the proxy instead of being sent by a worker. */
  readonly sendFile: boolean;
  /** Reads may go to a replica (`db_replica_host`, `db_replica_port`), for routes that say that they only read. */
  readonly replica: boolean;
  /** A limit for the life of one cron process. Absent in early builds of 18.0, so it is not counted on there. */
  readonly cronWorkerLimit: boolean;
  /** Requests after which a process is recreated, when nothing is said. */
  readonly requestLimit: number;
  /** Every option can be given by environment (`ODOO_*`, `PG*`). */
  readonly byEnvironment: boolean;
}

/** Source: `odoo/tools/config.py` of each series; 14.0 and 19.0 read back from running processes. */
export function optionsOf(series: KnownSeries): OptionFacts {
  return {
    serverWideModules: lastFrom(series, [
      ["14.0", ["base", "web"]],
      ["19.0", ["base", "rpc", "web"]],
    ]),
    withoutDemo: isFrom(series, "19.0") ? "True" : "all",
    geventMemoryLimits: isFrom(series, "18.0"),
    geventConnections: isFrom(series, "17.0"),
    sendFile: isFrom(series, "16.0"),
    replica: isFrom(series, "18.0"),
    cronWorkerLimit: isFrom(series, "16.0") && series !== "18.0",
    requestLimit: isFrom(series, "16.0") ? 65_536 : 8192,
    byEnvironment: isFrom(series, "19.0"),
  };
}
