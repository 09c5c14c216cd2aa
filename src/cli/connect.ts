import { readFileSync } from "node:fs";
import type { Health } from "../api/contract/contract.ts";
import { PROTOCOL } from "../api/contract/contract.ts";
import { failure, ProblemError } from "../kernel/problem.ts";
import { type Client, createClient, type ServerAddress } from "./client.ts";
import type { NamedFleet } from "./fleet.ts";
import type { CliContext, InstallationPlaces } from "./port.ts";

export interface Connected {
  readonly client: Client;
  readonly health: Health;
  readonly places: InstallationPlaces;
  /** The zone in which times are shown. */
  readonly zone: string;
}

/** Nothing runs there: no file that says where, nobody listens, or the one who does serves another fleet. */
export const NOT_RUNNING = "BAL-C007";

/** Finds the control plane of a fleet and shakes hands; never starts one. */
export async function connect(context: CliContext, named: NamedFleet): Promise<Connected> {
  const connected = await reach(context, named);
  const { health } = connected;
  if (health.protocol === PROTOCOL) return connected;
  throw differentVersion(health, named, context.version);
}

/** As `connect`, whatever its version is. */
export async function reach(context: CliContext, named: NamedFleet): Promise<Connected> {
  const places = (await context.ports.installations()).of(named.fleet);
  const address = addressOf(places);
  if (address === undefined) throw notRunning(named);
  const client = createClient(address);
  const health = await client.health().catch((error: unknown) => {
    throw servesSomebodyElse(error) ? notRunning(named) : error;
  });
  if (health.fleet !== named.fleet) throw notRunning(named);
  return { client, health, places, zone: health.zone ?? "UTC" };
}

function addressOf(places: InstallationPlaces): ServerAddress | undefined {
  const token = () => readFileSync(places.tokenFile, "utf8").trim();
  try {
    const { url } = JSON.parse(readFileSync(places.serverFile, "utf8")) as { url: string };
    token();
    return { url, token };
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw failure("BAL-C008", places.serverFile, `cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** A file left behind by a killed process may name a port that is free, or another's by now; a token fits only its own control plane. */
function servesSomebodyElse(error: unknown): boolean {
  if (!(error instanceof ProblemError)) return true;
  const [problem] = error.problems;
  return problem?.code !== "BAL-C008" || problem.message.includes("nobody listens");
}

function notRunning({ fleet, shown }: NamedFleet): ProblemError {
  return failure(NOT_RUNNING, fleet, "no control plane runs for this fleet", { hint: `./ballast up ${shown}` });
}

export function isNewer(one: string, other: string): boolean {
  return one.localeCompare(other, "en", { numeric: true }) > 0;
}

/** Says which of the two is the newer one, and what mends it. */
export function differentVersion(health: Health, named: NamedFleet, own: string): ProblemError {
  const older = health.protocol < PROTOCOL || (health.protocol === PROTOCOL && !isNewer(health.version, own));
  const message = `the control plane is version ${health.version} (protocol ${health.protocol}), this command line ${own} (protocol ${PROTOCOL})`;
  const hint = older
    ? `./ballast up ${named.shown} restarts it in this version`
    : "bring this ballast to that version, or use the one with which the control plane was started";
  return failure("BAL-C009", named.fleet, message, { hint });
}
