import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { damaged, readStateFile, type StateRead } from "../../adapters/files/state-file.ts";
import type { Health } from "../../api/contract/contract.ts";
import { PROTOCOL } from "../../api/contract/contract.ts";
import { failure, ProblemError } from "../../kernel/problem.ts";
import type { NamedFleet } from "../fleet/fleet.ts";
import { cannotKnow, isInstalled } from "../fleet/fleet-choice.ts";
import { STOPPED, stoppedFleet } from "../fleet/stopped-fleet.ts";
import type { CliContext, InstallationPlaces } from "../port.ts";
import { type Client, createClient, type ServerAddress, type Whereabouts } from "./client.ts";

export interface Connected {
  readonly client: Client;
  readonly health: Health;
  readonly places: InstallationPlaces;
  /** The zone in which times are shown. */
  readonly zone: string;
}

/** Nothing runs there: no file that says where, nobody listens, or the one who does serves another fleet. */
const NOT_RUNNING = "BAL-C007";

/** Whether nobody serves the fleet, be it that it was stopped or that its control plane is gone. */
export function isNotRunning(error: unknown): boolean {
  return error instanceof ProblemError && [NOT_RUNNING, STOPPED].includes(error.problems[0]?.code ?? "");
}

/** Finds the control plane of a fleet and shakes hands; never starts one. */
export async function connect(context: CliContext, named: NamedFleet): Promise<Connected> {
  const connected = await reach(context, named);
  const { health } = connected;
  if (health.protocol === PROTOCOL) return connected;
  throw differentVersion(health, named, context.version);
}

/** As `connect`, whatever its version is. */
export async function reach(context: CliContext, named: NamedFleet): Promise<Connected> {
  const installations = await context.ports.installations();
  const places = installations.of(named.fleet);
  // Refuses where another user may have installed it: then it cannot be determined that nothing runs.
  isInstalled(installations, named.fleet);
  const address = await addressOf(places);
  if (address === undefined) throw stoppedFleet(places, named) ?? notRunning(named);
  const client = createClient(address);
  const health = await greet(client).catch((error: unknown) => {
    throw servesSomebodyElse(error) ? notRunning(named) : error;
  });
  if (health.fleet !== named.fleet) throw notRunning(named);
  return { client, health, places, zone: health.zone ?? "UTC" };
}

/** The token is read again for each call: one that was spoilt and still looks like one is refused until it is written again. */
async function greet(client: Client): Promise<Health> {
  const until = performance.now() + KEPT_MS;
  for (;;) {
    try {
      return await client.health();
    } catch (error) {
      if (!isRefusedToken(error) || performance.now() > until) throw error;
    }
    await sleep(POLL_MS);
  }
}

function isRefusedToken(error: unknown): boolean {
  return error instanceof ProblemError && error.problems[0]?.code === "BAL-A001";
}

/** A control plane that runs writes its files again within a second; where none runs they stay as they are. */
const KEPT_MS = 3000;
const POLL_MS = 100;

/** Where a control plane answers, and what it takes for a password; undefined where none left word. */
async function addressOf(places: InstallationPlaces): Promise<ServerAddress | undefined> {
  const until = performance.now() + KEPT_MS;
  for (;;) {
    const server = readAddress(places);
    const token = readToken(places);
    if (server.state === "there" && token.state === "there")
      return {
        at: followed(places, server.value),
        token: () => readFileSync(places.tokenFile, "utf8").trim(),
        owners: ownersOf(places.tokenFile),
      };
    refuseDenied(places.fleet, server, places.serverFile);
    refuseDenied(places.fleet, token, places.tokenFile);
    const gone = server.state === "missing" || (server.state === "there" && token.state === "missing");
    if (gone && !leavesTraces(places)) return undefined;
    if (performance.now() > until) {
      if (gone) return undefined;
      throw server.state === "wrong" ? spoilt(places.serverFile, server.because) : spoilt(places.tokenFile, wordsOf(token));
    }
    await sleep(POLL_MS);
  }
}

/** A file that this user may not read says nothing of what runs, and no waiting changes that. */
function refuseDenied(fleet: string, read: StateRead<unknown>, path: string): void {
  if (read.state === "wrong" && read.denied === true) throw cannotKnow(fleet, path);
}

/** Who may answer: this user, and the one to whom the installation belongs. */
function ownersOf(tokenFile: string): readonly number[] {
  return [process.getuid?.() ?? 0, statSync(tokenFile).uid];
}

/** Where it is now; while it leaves no word, where it was. */
function followed(places: InstallationPlaces, found: Whereabouts): () => Whereabouts {
  let last = found;
  return () => {
    const server = readAddress(places);
    if (server.state === "there") last = server.value;
    return last;
  };
}

function readAddress({ serverFile }: InstallationPlaces): StateRead<Whereabouts> {
  const read = (text: string) => {
    const { url, pid } = JSON.parse(text) as { url?: unknown; pid?: unknown };
    if (typeof url !== "string" || !URL.canParse(url)) return undefined;
    return typeof pid === "number" ? { url, pid } : { url };
  };
  return readStateFile(serverFile, { form: "the address of a control plane", read });
}

function readToken({ tokenFile }: InstallationPlaces): StateRead<string> {
  return readStateFile(tokenFile, { form: "a token", read: (text) => (/^\S+$/.test(text.trim()) ? text.trim() : undefined) });
}

function wordsOf(read: StateRead<string>): string {
  return read.state === "wrong" ? read.because : "is missing";
}

/** Whether something says that a control plane runs, though its address is gone: its own PostgreSQL does. */
function leavesTraces({ root }: InstallationPlaces): boolean {
  return existsSync(join(root, "postgres", "data", "postmaster.pid"));
}

/** A file by which a control plane is found is not what was written. */
export const SPOILT = "BAL-S035";

function spoilt(path: string, because: string): ProblemError {
  return damaged(path, because, "no control plane that runs wrote it again: ballast up FOLDER starts one, which does");
}

/** A file left behind by a killed process may name a port that is free, or another's by now; a token fits only its own control plane. */
function servesSomebodyElse(error: unknown): boolean {
  if (!(error instanceof ProblemError)) return true;
  return error.problems[0]?.code !== "BAL-C008";
}

function notRunning({ fleet, shown }: NamedFleet): ProblemError {
  return failure(NOT_RUNNING, fleet, "no control plane runs for this fleet", { hint: `./ballast up ${shown}` });
}

export function isNewer(one: string, other: string): boolean {
  return one.localeCompare(other, "en", { numeric: true }) > 0;
}

/** Says which of the two is the newer one, and what repairs it. */
export function differentVersion(health: Health, named: NamedFleet, own: string): ProblemError {
  const older = health.protocol < PROTOCOL || (health.protocol === PROTOCOL && !isNewer(health.version, own));
  const message = `the control plane is version ${health.version} (protocol ${health.protocol}), this command line ${own} (protocol ${PROTOCOL})`;
  const hint = older
    ? `./ballast up ${named.shown} restarts it in this version`
    : "bring this ballast to that version, or use the one with which the control plane was started";
  return failure("BAL-C009", named.fleet, message, { hint });
}
