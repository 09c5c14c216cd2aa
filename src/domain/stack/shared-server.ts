import type { Instant } from "../../kernel/instant.ts";
import { endingsOfWorkers } from "./autovacuum-use.ts";
import { endingsOfQueue, inTransactionsSince } from "./notification-queue.ts";
import type { Ending, QueueMemory, SharedServerObservation, SharedSession } from "./shared-session.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Far above what an installation of modules or a dump holds, and far enough below the whole that the others go on while it is ended. */
export const MOST_LOCKS_OF_A_SESSION = 1 / 3;
export const MOST_LOCKS_OF_A_ROLE = 1 / 2;
/** Half again what the server itself allows; a session may set that for itself, and not this. */
export const MOST_IDLE_IN_TRANSACTION_MS = 15 * MINUTE;
/** What no dump and no migration takes. Nothing that was deleted meanwhile can be cleaned up. */
export const MOST_TRANSACTION_MS = 12 * 60 * MINUTE;
/** Which sessions are ended since they hold what all need. Those of superusers never are. */
export function sessionsToEnd(observation: SharedServerObservation, now: Instant): readonly Ending[] {
  const sessions = observation.sessions.filter((one) => !one.superuser);
  const ended = new Map<number, Ending>();
  const people = sessions.filter((one) => !one.worker);
  const endings = [
    ...ofLocks(observation, sessions),
    ...endingsOfQueue(observation, people, now),
    ...ofTransactions(people, observation.queue, now),
    ...endingsOfWorkers(sessions, observation.computing ?? [], now),
  ];
  for (const ending of endings) {
    if (!ended.has(ending.session.pid)) ended.set(ending.session.pid, ending);
  }
  return [...ended.values()];
}

function ofLocks({ lockPlaces }: SharedServerObservation, sessions: readonly SharedSession[]): readonly Ending[] {
  const byMost = sessions.toSorted((a, b) => b.locks - a.locks);
  // What works in a database without a role counts with those who are in it.
  const owners = new Map(sessions.flatMap(({ role, database }) => (role === undefined ? [] : [[database, role] as const])));
  const roles = Map.groupBy(byMost, ({ role, database }) => role ?? owners.get(database) ?? `in ${database}`);
  return [...roles.values()].flatMap((own) => {
    let held = own.reduce((sum, one) => sum + one.locks, 0);
    return own.flatMap((session): readonly Ending[] => {
      const alone = session.locks > lockPlaces * MOST_LOCKS_OF_A_SESSION;
      if (!alone && held <= lockPlaces * MOST_LOCKS_OF_A_ROLE) return [];
      const together = alone ? "" : `, and its role ${held} in all`;
      held -= session.locks;
      return [
        {
          session,
          held: "locks",
          because: `it held ${session.locks} of the ${lockPlaces} locks that the server has for everybody${together}`,
        },
      ];
    });
  });
}

function ofTransactions(sessions: readonly SharedSession[], queue: QueueMemory, now: Instant): readonly Ending[] {
  return sessions.flatMap((session): readonly Ending[] => {
    const { idleInTransaction, stateSince } = session;
    // One that failed and is kept open tells no beginning.
    const transactionSince = session.transactionSince ?? inTransactionsSince(session, queue);
    if (idleInTransaction && now - stateSince > MOST_IDLE_IN_TRANSACTION_MS)
      return [{ session, held: "transaction", because: `it did nothing in an open transaction for ${secondsSince(stateSince, now)} s` }];
    if (transactionSince !== undefined && now - transactionSince > MOST_TRANSACTION_MS)
      return [{ session, held: "transaction", because: `its transaction was open for ${secondsSince(transactionSince, now)} s` }];
    return [];
  });
}

/** The first time is told, then each time that it happened twice as often: who does it without end fills no ledger. */
export function isTold(before: number, after: number): boolean {
  return after > before && (before === 0 || Math.floor(Math.log2(after)) > Math.floor(Math.log2(before)));
}

function secondsSince(since: Instant, now: Instant): number {
  return Math.floor((now - since) / SECOND);
}
