import { type EmbeddedServer, startEmbedded } from "../adapters/store/embedded.ts";
import { type Leadership, takeLeadership } from "../adapters/store/leader.ts";
import { failure, type ProblemError } from "../kernel/problem.ts";
import type { Installation } from "./installation.ts";
import { assertKept } from "./instance-mark.ts";

export interface Led {
  readonly connectionString: string;
  readonly leadership: Leadership;
  readonly embedded: EmbeddedServer | undefined;
}

export interface LeadOptions {
  readonly installation: Installation;
  readonly databaseUrl: string | undefined;
  readonly waitSeconds: number;
}

/** A server that was killed leaves processes behind for a moment; a store of the operator's own may be about to come back. */
const TRIES = 4;
const PAUSE_MS = 1000;

/**
 * Has the store running and leads: alone at it, by a lock that ends with this process. Who led before may take the store down as it ends,
 * so what breaks while waiting is begun again until the time is over.
 */
export async function lead({ installation, databaseUrl, waitSeconds }: LeadOptions): Promise<Led> {
  assertKept(installation, databaseUrl === undefined);
  const until = performance.now() + waitSeconds * 1000;
  for (let tries = 1; ; tries++) {
    try {
      const embedded = databaseUrl === undefined ? await startEmbedded(installation.postgres) : undefined;
      const connectionString = databaseUrl ?? (embedded?.connectionString as string);
      const leadership = await takeLeadership(connectionString, Math.max(0, (until - performance.now()) / 1000));
      if (leadership !== undefined) return { connectionString, leadership, embedded };
    } catch (error) {
      const final = "problems" in (error as object) && (error as ProblemError).problems[0]?.code !== "BAL-S004";
      if (final || (tries >= TRIES && performance.now() > until)) throw final ? error : silent(installation, error);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      continue;
    }
    throw failure("BAL-S006", installation.fleet, "another control plane leads this fleet", {
      hint: "stop it first, or let it do its work",
    });
  }
}

function silent({ fleet }: Installation, error: unknown): unknown {
  if ("problems" in (error as object)) return error;
  return failure("BAL-S008", fleet, `the store does not answer: ${(error as Error).message || String(error)}`, {
    hint: "see whether its PostgreSQL runs and takes this login: BALLAST_DATABASE_URL, or server.log in the folder postgres",
    cause: error,
  });
}
