import { readStateFile, type StateRead } from "../../adapters/files/state-file.ts";
import { formatInstant } from "../../domain/calendar/format.ts";
import { zoneMistake } from "../../domain/calendar/zone.ts";
import { failure, type ProblemError } from "../../kernel/problem.ts";
import type { InstallationPlaces } from "../port.ts";
import type { NamedFleet } from "./fleet.ts";

/** The fleet was stopped, and its control plane ended with it: nothing failed. */
export const STOPPED = "BAL-C110";

interface Stop {
  readonly operation?: string;
  readonly since?: number;
  readonly zone?: string;
}

/** What a control plane left that ended while its fleet was stopped; undefined where none did. */
export function stoppedFleet({ stoppedFile }: Pick<InstallationPlaces, "stoppedFile">, named: NamedFleet): ProblemError | undefined {
  const found: StateRead<Stop> = readStateFile(stoppedFile, { form: "a note of a stop", read: readStop });
  if (found.state !== "there") return undefined;
  const { operation, since, zone = "UTC" } = found.value;
  const when = since === undefined ? "" : `: since ${formatInstant(zone, since)}`;
  const by = operation === undefined ? "" : ` (operation ${operation})`;
  return failure(STOPPED, named.fleet, `the fleet is stopped, as somebody asked for${when}${by}; its control plane ended with it`, {
    hint: `to start it: ./ballast up ${named.shown}`,
  });
}

function readStop(text: string): Stop | undefined {
  const { operation, since, zone } = JSON.parse(text) as { operation?: unknown; since?: unknown; zone?: unknown };
  const at = typeof since === "string" ? Date.parse(since) : Number.NaN;
  return {
    ...(typeof operation === "string" ? { operation } : {}),
    ...(Number.isNaN(at) ? {} : { since: at }),
    ...(typeof zone === "string" && zoneMistake(zone) === undefined ? { zone } : {}),
  };
}
