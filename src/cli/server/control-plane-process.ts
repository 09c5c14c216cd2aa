import { randomUUID } from "node:crypto";
import { closeSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { replaceFileNow } from "../../adapters/files/replace-file.ts";
import { PROTOCOL } from "../../api/contract/contract.ts";
import { failure, ProblemError } from "../../kernel/problem.ts";
import type { NamedFleet } from "../fleet/fleet.ts";
import type { InstallationPlaces } from "../port.ts";
import type { Invocation } from "../terminal/outcome.ts";
import { NOBODY_THERE } from "./client.ts";
import { type Connected, differentVersion, isNewer, isNotRunning, reach, SPOILT } from "./connect.ts";
import { isAlive } from "./listener.ts";

type Call = Pick<Invocation, "context" | "say">;

export interface RunningServer extends Connected {
  readonly began: "found" | "started" | "restarted";
}

/** How a new control plane begins. */
interface StartRequest {
  /** Gives up what was in a store that is lost, or sealed with a key that is. */
  readonly giveUpLost?: boolean;
}

const START_MS = 60_000;
const STOP_MS = 60_000;
const POLL_MS = 100;
const SHOWN_LINES = 12;
const SHOWN_BYTES = 16_384;

/** A control plane of this version for the fleet: the one that runs, or a new one. */
export async function ensureServer(call: Call, named: NamedFleet, desired: StartRequest = {}): Promise<RunningServer> {
  const found = await reach(call.context, named).catch((error: unknown) => {
    if (isNotRunning(error) || (error instanceof ProblemError && error.problems[0]?.code === SPOILT)) return undefined;
    throw error;
  });
  return found === undefined ? { ...(await startServer(call, named, desired)), began: "started" } : await renewed(call, named, found);
}

/** The control plane that runs, restarted where this program is newer or of another build; none is started. */
export async function presentServer(call: Call, named: NamedFleet): Promise<RunningServer> {
  return await renewed(call, named, await reach(call.context, named));
}

/** An older program must not carry out what a newer one decided, and never replaces it. */
async function renewed(call: Call, named: NamedFleet, found: Connected): Promise<RunningServer> {
  const { version, protocol, build } = found.health;
  const { context, say } = call;
  if (protocol > PROTOCOL || isNewer(version, context.version)) throw differentVersion(found.health, named, context.version);
  const own = await context.ports.build();
  if (protocol === PROTOCOL && version === context.version && build === own) return { ...found, began: "found" };
  const from = version === context.version ? `build ${build ?? "unknown"}` : `version ${version}`;
  const to = version === context.version ? `build ${own}` : `version ${context.version}`;
  const unfinished = await unfinishedOf(found);
  const handedOver = unfinished.length === 0 ? "" : `; it takes up what is unfinished: ${unfinished.join(", ")}`;
  say.note(`the control plane is ${from}; it is restarted as ${to}${handedOver}`);
  await stopServer(found);
  return { ...(await startServer(call, named)), began: "restarted" };
}

/** What people began and what still runs; an older server may not be able to say. */
async function unfinishedOf({ client }: Connected): Promise<readonly string[]> {
  const operations = await client.operations(50).catch(() => []);
  return operations.filter(({ state, parent }) => state === "running" && parent === null).map(({ id }) => id);
}

/** Starts a control plane and waits until it answers. */
export async function startServer({ context }: Call, named: NamedFleet, desired: StartRequest = {}): Promise<Connected> {
  const places = (await context.ports.installations()).of(named.fleet);
  const logged = sizeOf(places.logFile);
  const server = await context.ports.spawnServer(named.fleet, desired);
  let ended: number | undefined;
  server.ended.then(
    (code) => {
      ended = code;
    },
    () => {
      ended = 1;
    },
  );
  const until = performance.now() + START_MS;
  while (performance.now() < until) {
    const connected = await reach(context, named).catch(() => undefined);
    if (connected !== undefined) {
      // Another command was quicker: what was started here would wait, and lead once that one ends.
      if (server.pid > 0 && connected.health.pid !== server.pid && ended === undefined) endQuietly(server.pid);
      return connected;
    }
    if (ended !== undefined) break;
    await sleep(POLL_MS);
  }
  const why = ended === undefined ? `does not answer after ${START_MS / 1000} s` : `ended with code ${ended}`;
  const lines = lastLines(places, logged);
  throw failure("BAL-C010", named.fleet, `the control plane ${why}${lines === "" ? "" : `; its last lines:\n${lines}`}`, {
    hint: `its log: ${places.logFile}`,
  });
}

function endQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch {
    // It has ended by itself.
  }
}

/** Ends a control plane that is not to be followed by another one: whoever waits for its place ends too, and only a new `up` starts one. */
export async function endServer(server: Connected): Promise<void> {
  replaceFileNow(server.places.endFile, randomUUID(), { mode: 0o644 });
  await stopServer(server);
}

/** Ends a control plane and waits until its process, and with it its PostgreSQL, is gone. */
export async function stopServer({ client, health, places }: Connected): Promise<void> {
  await client.shutdown().catch((error: unknown) => {
    // Another command may have ended it meanwhile: whether it is gone is looked at below.
    if (!(error instanceof ProblemError) || error.problems.some(({ code }) => code !== NOBODY_THERE)) throw error;
  });
  const until = performance.now() + STOP_MS;
  while (isAlive(health.pid)) {
    if (performance.now() > until)
      throw failure("BAL-C008", health.fleet, `the control plane (process ${health.pid}) does not end`, {
        hint: `its log: ${places.logFile}`,
      });
    await sleep(POLL_MS);
  }
  rmSync(places.serverFile, { force: true, recursive: true });
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** What was written to the log since it had this size, as far as it is worth showing. */
function lastLines({ logFile }: InstallationPlaces, since: number): string {
  const size = sizeOf(logFile);
  const from = Math.max(since, size - SHOWN_BYTES);
  if (size <= from) return "";
  const bytes = Buffer.alloc(size - from);
  const file = openSync(logFile, "r");
  try {
    readSync(file, bytes, 0, bytes.length, from);
  } finally {
    closeSync(file);
  }
  return bytes.toString("utf8").trimEnd().split("\n").slice(-SHOWN_LINES).join("\n");
}
