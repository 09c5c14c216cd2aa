import type { Instant } from "../../kernel/instant.ts";

/** A session of somebody on a database server that several share, of those that hold something. */
export interface SharedSession {
  readonly pid: number;
  readonly role: string;
  readonly database: string;
  /** Ballast's own and an operator's: never ended. */
  readonly superuser: boolean;
  readonly idleInTransaction: boolean;
  /** When its transaction began; undefined where it has none. */
  readonly transactionSince: Instant | undefined;
  /** When it last began or ended to do something. */
  readonly stateSince: Instant;
  /** Places in the table of locks that is everybody's. */
  readonly locks: number;
}

/** What is everybody's on such a server, and who holds it. */
export interface SharedSight {
  /** Places in the table of locks. */
  readonly lockPlaces: number;
  /** Share of the queue of notifications that is full, 0 to 1. */
  readonly notificationsFull: number;
  readonly sessions: readonly SharedSession[];
}

/** What of everybody's a session held. */
export type Held = "locks" | "notifications" | "transaction";

/** A session to be ended, and why. */
export interface Ending {
  readonly session: SharedSession;
  readonly held: Held;
  readonly because: string;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Far above what an installation of modules or a dump holds, and far enough below the whole that the others go on while it is ended. */
export const MOST_LOCKS_OF_A_SESSION = 1 / 3;
export const MOST_LOCKS_OF_A_ROLE = 1 / 2;
/** Of a queue of 8 GiB: some hundred MiB that nobody has read. */
export const MOST_NOTIFICATIONS = 0.05;
/** Who only began a moment ago is not what the queue waits for. */
const QUEUE_HELD_MS = 5 * SECOND;
/** Half again what the server itself allows; a session may set that for itself, and not this. */
export const MOST_IDLE_IN_TRANSACTION_MS = 15 * MINUTE;
/** What no dump and no migration takes. Nothing that was deleted meanwhile can be cleaned up. */
export const MOST_TRANSACTION_MS = 12 * 60 * MINUTE;

/** Which sessions are ended since they hold what all need. Those of superusers never are. */
export function sessionsToEnd(sight: SharedSight, now: Instant): readonly Ending[] {
  const sessions = sight.sessions.filter((one) => !one.superuser);
  const ended = new Map<number, Ending>();
  for (const ending of [...ofLocks(sight, sessions), ...ofNotifications(sight, sessions, now), ...ofTransactions(sessions, now)]) {
    if (!ended.has(ending.session.pid)) ended.set(ending.session.pid, ending);
  }
  return [...ended.values()];
}

function ofLocks({ lockPlaces }: SharedSight, sessions: readonly SharedSession[]): readonly Ending[] {
  const byMost = sessions.toSorted((a, b) => b.locks - a.locks);
  const roles = Map.groupBy(byMost, (one) => one.role);
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

/** The queue keeps what the slowest listener has not read, and one reads only between transactions. Who is idle in one goes first, the longest of them. */
function ofNotifications({ notificationsFull }: SharedSight, sessions: readonly SharedSession[], now: Instant): readonly Ending[] {
  if (notificationsFull <= MOST_NOTIFICATIONS) return [];
  const holding = sessions.filter((one) => one.transactionSince !== undefined && now - one.transactionSince >= QUEUE_HELD_MS);
  const [session] = holding.toSorted(
    (a, b) => Number(b.idleInTransaction) - Number(a.idleInTransaction) || Number(a.transactionSince) - Number(b.transactionSince),
  );
  if (session === undefined) return [];
  const share = `${Math.floor(notificationsFull * 100)} %`;
  const since = secondsSince(session.transactionSince ?? now, now);
  return [
    {
      session,
      held: "notifications",
      because: `the queue of notifications, which is everybody's, was ${share} full, and its transaction was open for ${since} s`,
    },
  ];
}

function ofTransactions(sessions: readonly SharedSession[], now: Instant): readonly Ending[] {
  return sessions.flatMap((session): readonly Ending[] => {
    const { idleInTransaction, transactionSince, stateSince } = session;
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
