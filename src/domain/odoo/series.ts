import { KNOWN_SERIES, type KnownSeries } from "./known-series.ts";
import { type OptionFacts, optionsOf } from "./options.ts";
import { type PasswordFacts, passwordsOf } from "./password.ts";
import { type Probes, probesOf } from "./probes.ts";
import { type WebsocketFacts, websocketOf } from "./websocket.ts";

/** What is true of one Odoo series as Ballast runs it: the short answers here, one concern each in the parts. Source: the series' own code, checked on running processes for 14.0 and 19.0. */
export interface SeriesFacts {
  readonly series: KnownSeries;
  /** Debian's package of it, which is also the name of its image recipe where there is one. */
  readonly packageName: string;
  /** Answers without a session when the process can serve; `undefined` before 15.0. */
  readonly healthPath: string | undefined;
  /** Name of the option for the port of the websocket (longpolling before 16.0) process. */
  readonly websocketPortOption: WebsocketFacts["portOption"];
  /** Server-wide modules that the series loads by itself. */
  readonly serverWideModules: readonly string[];
  /** `json-2`: bearer keys and real status codes. `json-rpc`: everything before 19.0. */
  readonly rpc: "json-2" | "json-rpc";
  /** How a template database is told to leave out the demonstration data. */
  readonly withoutDemo: string;
  readonly options: OptionFacts;
  readonly probes: Probes;
  readonly websocket: WebsocketFacts;
  readonly passwords: PasswordFacts;
}

function factsOf(series: KnownSeries): SeriesFacts {
  const options = optionsOf(series);
  const probes = probesOf(series);
  const websocket = websocketOf(series);
  return {
    series,
    packageName: `odoo-${series.split(".")[0]}`,
    healthPath: probes.alive.method === "GET" ? probes.alive.path : undefined,
    websocketPortOption: websocket.portOption,
    serverWideModules: options.serverWideModules,
    rpc: series === "19.0" ? "json-2" : "json-rpc",
    withoutDemo: options.withoutDemo,
    options,
    probes,
    websocket,
    passwords: passwordsOf(series),
  };
}

const SERIES: readonly SeriesFacts[] = KNOWN_SERIES.map(factsOf);

/** The facts of a series, or undefined for one that Ballast does not know. */
export function seriesFacts(series: string): SeriesFacts | undefined {
  return SERIES.find((facts) => facts.series === series);
}

/** The series that this version of Ballast can run: those that have an image recipe. */
export const RUNNABLE_SERIES: readonly string[] = ["14.0", "19.0"];
