/** What is true of one Odoo series as Ballast runs it. Source: the series' own code, checked on running processes for 19.0. */
export interface SeriesFacts {
  readonly series: string;
  /** Answers without a session when the process can serve; `undefined` before 15.0. */
  readonly healthPath: string | undefined;
  /** Name of the option for the port of the websocket (longpolling before 16.0) process. */
  readonly websocketPortOption: "gevent_port" | "longpolling_port";
  /** Path that browsers keep open. */
  readonly websocketPath: "/websocket" | "/longpolling";
  /** Server-wide modules that the series loads by itself. */
  readonly serverWideModules: readonly string[];
  /** `json-2`: bearer keys and real status codes. `json-rpc`: everything before 19.0. */
  readonly rpc: "json-2" | "json-rpc";
  /** How a template database is told to leave out the demonstration data. */
  readonly withoutDemo: string;
}

const SERIES: readonly SeriesFacts[] = [
  {
    series: "19.0",
    healthPath: "/web/health",
    websocketPortOption: "gevent_port",
    websocketPath: "/websocket",
    serverWideModules: ["base", "rpc", "web"],
    rpc: "json-2",
    withoutDemo: "True",
  },
];

/** The facts of a series, or undefined for one that Ballast does not run yet. */
export function seriesFacts(series: string): SeriesFacts | undefined {
  return SERIES.find((facts) => facts.series === series);
}

/** The series that this version of Ballast can run. */
export const RUNNABLE_SERIES: readonly string[] = SERIES.map((facts) => facts.series);
