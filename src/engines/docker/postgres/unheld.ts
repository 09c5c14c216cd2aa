import { setTimeout as sleep } from "node:timers/promises";
import type { BlockerRow } from "../../../adapters/postgres/superuser-lock-sql.ts";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";

/** How long a statement waits before those are ended for whom it waits. */
const PATIENCE_MS = 1000;
const BETWEEN_MS = 300;
/** Whoever writes the same row again and again, each time in a transaction that ends, leaves room between two of them. */
const MOST_OVERTAKEN_MS = 20_000;
const MOST_PAUSE_MS = 20;
const MOST_NAMED = 5;

export interface Beside {
  /** Opens one more session of the superuser on the same server. */
  readonly open: () => Promise<ServerSession>;
  /** Told of each session that was ended. */
  readonly ended: (one: BlockerRow) => void;
}

/**
 * A session whose statements nobody without privileges can hold up. Rows of the catalogs that all databases share can be written, and objects locked, by any
 * tenant from its own database, and an open transaction keeps them for as long as it likes. So a statement that waits has those who hold it up ended by a
 * second session, and one that was overtaken by somebody's write is run again. Its own limits of time stay.
 */
export function unheld(session: ServerSession, beside: Beside): ServerSession {
  return {
    ...session,
    async run(statement) {
      const until = performance.now() + MOST_OVERTAKEN_MS;
      for (;;) {
        try {
          return await freed(session, beside, () => session.run(statement));
        } catch (error) {
          if (performance.now() >= until || !isOvertaken(error)) throw error;
        }
        await sleep(Math.random() * MOST_PAUSE_MS);
      }
    },
  };
}

async function freed<T>({ pid }: ServerSession, beside: Beside, work: () => Promise<T>): Promise<T> {
  if (pid === undefined) return await work();
  const over = new AbortController();
  const holders = new Map<number, BlockerRow>();
  // What it cannot do leaves the statement with its own limit of time.
  const freeing = endBlockers(pid, beside, { holders, over: over.signal }).catch(() => undefined);
  const [outcome] = await Promise.allSettled([work()]);
  over.abort();
  // Whoever was ended for it is told before anything else is done, and nobody is ended for a later statement that did not wait yet.
  await freeing;
  if (outcome.status === "fulfilled") return outcome.value;
  throw named(outcome.reason, [...holders.values()]);
}

interface Waiting {
  /** Whoever was met while it waited, by the numbers of their processes. */
  readonly holders: Map<number, BlockerRow>;
  readonly over: AbortSignal;
}

async function endBlockers(pid: number, { open, ended }: Beside, { holders, over }: Waiting): Promise<void> {
  await sleep(PATIENCE_MS, undefined, { signal: over });
  const session = await open();
  try {
    while (!over.aborted) {
      for (const one of await session.run(SERVER_SQL.endBlockers(String(pid)))) {
        if (one.ended && !holders.has(one.pid)) ended(one);
        holders.set(one.pid, one);
      }
      await sleep(BETWEEN_MS, undefined, { signal: over });
    }
  } finally {
    // A server that went away must not hold this up.
    session.end().catch(() => undefined);
  }
}

/** With whom it waited for and could not end, where it waited in vain. */
function named(error: unknown, holders: readonly BlockerRow[]): unknown {
  const left = holders.filter((one) => !one.ended).slice(0, MOST_NAMED);
  if (!(error instanceof Error) || (error as { code?: string }).code !== "55P03" || left.length === 0) return error;
  const who = left.map(({ pid, role, database }) => `process ${pid} of ${role} in ${database}`);
  return Object.assign(error, { detail: `held by ${who.join(", ")}` });
}

/** Whoever wrote the same row first committed; deadlocks end one of both. It may be run again then: nothing of it is left, or it goes on with what is. */
function isOvertaken(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return code === "40P01" || (code === "XX000" && /^tuple concurrently (updated|deleted)$/.test(message ?? ""));
}
