import type { Instant } from "../../kernel/instant.ts";
import type { Computing, Ending, SharedSession } from "./shared-session.ts";

const SECOND = 1000;
/** Statistics are computed of some ten thousand rows, in seconds: there are few workers of autovacuum, and they are everybody's. */
export const MOST_COMPUTING_MS = 300 * SECOND;
/** A tenth of what was used is given back by the second: whoever is at the bound has a tenth of one worker from then on. */
const GIVEN_BACK = 0.1;
/** What lies between two looks; where nobody looked for longer, nobody knows. */
const MOST_BETWEEN_MS = 10 * SECOND;

/** Adds one look to how long workers of autovacuum ran functions of each database's indexes. */
export function rememberComputing(before: readonly Computing[], sessions: readonly SharedSession[], now: Instant): readonly Computing[] {
  const working = Map.groupBy(
    sessions.filter(({ worker, computes }) => worker && computes),
    ({ database }) => database,
  );
  const known = new Map(before.map((one) => [one.database, one]));
  const databases = new Set([...working.keys(), ...known.keys()]);
  return [...databases].flatMap((database): readonly Computing[] => {
    const { ms, at } = known.get(database) ?? { ms: 0, at: now };
    const workers = working.get(database)?.length ?? 0;
    const next = Math.max(0, ms + Math.min(now - at, MOST_BETWEEN_MS) * (workers - GIVEN_BACK));
    return next === 0 && workers === 0 ? [] : [{ database, ms: next, at: now }];
  });
}

/** The workers that are ended: of a database that had them for too long, in all or for one table. */
export function endingsOfWorkers(sessions: readonly SharedSession[], computing: readonly Computing[], now: Instant): readonly Ending[] {
  const used = new Map(computing.map(({ database, ms }) => [database, ms]));
  return sessions.flatMap((session): readonly Ending[] => {
    const { worker, computes, transactionSince, database } = session;
    if (!worker || !computes) return [];
    const alone = transactionSince === undefined ? 0 : now - transactionSince;
    const ms = Math.max(alone, used.get(database) ?? 0);
    if (ms <= MOST_COMPUTING_MS) return [];
    const what = alone > MOST_COMPUTING_MS ? "ran a function of an index for" : "those of its database ran functions of indexes for";
    return [{ session, held: "autovacuum", because: `it was a worker of autovacuum, and ${what} ${Math.floor(ms / SECOND)} s` }];
  });
}
