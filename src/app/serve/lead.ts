import { existsSync, readFileSync } from "node:fs";
import { type EmbeddedServer, startEmbedded } from "../../adapters/store/embedded.ts";
import { type Leadership, takeLeadership } from "../../adapters/store/leader.ts";
import { failure, ProblemError } from "../../kernel/problem.ts";
import type { Installation } from "../installation/installation.ts";
import { assertKept } from "../installation/instance-mark.ts";

export interface Led {
  readonly connectionString: string;
  readonly leadership: Leadership;
  readonly embedded: EmbeddedServer | undefined;
}

export interface LeadOptions {
  readonly installation: Installation;
  readonly databaseUrl: string | undefined;
  readonly waitSeconds: number;
  /** Begin a new store where the one that was here is gone. */
  readonly giveUpLost?: boolean;
}

/** A server that was killed leaves processes behind for a moment; a store of the operator's own may be about to come back. */
const TRIES = 4;
const PAUSE_MS = 1000;
const LEAVE_IT = "stop it first, or let it do its work";

/**
 * Has the store running and leads: alone at it, by a lock that ends with this process. Who led before may take the store down as it ends,
 * so what breaks while waiting is begun again until the time is over.
 */
export async function lead(options: LeadOptions): Promise<Led> {
  const { installation, databaseUrl, waitSeconds } = options;
  if (options.giveUpLost !== true) assertKept(installation, databaseUrl === undefined);
  const until = performance.now() + waitSeconds * 1000;
  const ended = lastEnd(installation);
  for (let tries = 1; ; tries++) {
    if (lastEnd(installation) !== ended) throw endedMeanwhile(installation);
    const led = await tryToLead(options, Math.max(0, (until - performance.now()) / 1000)).catch((error: unknown) => {
      if (mayPass(error) && (tries < TRIES || performance.now() < until)) return "again" as const;
      throw error instanceof ProblemError ? error : silent(installation, error);
    });
    if (led === "another") throw failure("BAL-S006", installation.fleet, "another control plane leads this fleet", { hint: LEAVE_IT });
    if (led !== "again" && lastEnd(installation) === ended) return led;
    if (led !== "again") await led.leadership.release().catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/**
 * What `down` leaves behind: another one each time, and no folder at all where everything was deleted. Whoever waited for the lead meanwhile was started for
 * a fleet that nobody wants to run any more.
 */
function lastEnd({ root, endFile }: Installation): string | undefined {
  try {
    return readFileSync(endFile, "utf8");
  } catch {
    return existsSync(root) ? "" : undefined;
  }
}

function endedMeanwhile({ fleet }: Installation): ProblemError {
  return failure("BAL-S006", fleet, "the fleet was stopped while this control plane waited for another one to end", {
    hint: "to start it: ballast up FOLDER",
  });
}

async function tryToLead({ installation, databaseUrl }: LeadOptions, seconds: number): Promise<Led | "another"> {
  const embedded = databaseUrl === undefined ? await startEmbedded(installation.postgres) : undefined;
  const connectionString = databaseUrl ?? (embedded?.connectionString as string);
  const leadership = await takeLeadership(connectionString, seconds);
  return leadership === undefined ? "another" : { connectionString, leadership, embedded };
}

/** A store that does not start or answer may do so in a moment; what is missing stays missing. */
function mayPass(error: unknown): boolean {
  return !(error instanceof ProblemError) || error.problems.some((problem) => problem.code === "BAL-S004");
}

function silent({ fleet }: Installation, error: unknown): ProblemError {
  return failure("BAL-S008", fleet, `the store does not answer: ${(error as Error).message || String(error)}`, {
    hint: "see whether its PostgreSQL runs and takes this login: BALLAST_DATABASE_URL, or server.log in the folder postgres",
    cause: error,
  });
}
