import type { Instant } from "../../kernel/instant.ts";
import type { Ending, QueueMemory, SharedServerObservation, SharedSession } from "./shared-session.ts";

export const NOTHING_SEEN: QueueMemory = {};

const SECOND = 1000;
/** Of a queue of 8 GiB: some hundred MiB that nobody has read. Whoever fills it and keeps it from being read is ended. */
export const MOST_NOTIFICATIONS = 0.05;
/** Where it fills on all the same, whoever works in the database that fills it is ended: each may send. */
const FILLED_ON = 0.1;
/** Where nobody knows who fills it, or nobody of that database holds it, somebody else is ended rather than all fail. */
const HELD_BY_OTHERS = 0.25;
const NEARLY_EMPTY = 0.01;
/** Who only began a moment ago is not what the queue waits for. */
const HELD_MS = 5 * SECOND;

/** Adds one look to what is known. */
export function rememberQueue(
  memory: QueueMemory,
  { notificationsFull, sessions }: Omit<SharedServerObservation, "queue">,
  now: Instant,
): QueueMemory {
  const lowAt = notificationsFull <= NEARLY_EMPTY ? now : memory.lowAt;
  const before = new Map(memory.open?.map(({ pid, since }) => [pid, since]));
  const open = sessions
    .filter((one) => one.transactionSince !== undefined || one.idleInTransaction)
    .map(({ pid, transactionSince }) => ({ pid, since: before.get(pid) ?? transactionSince ?? now }));
  return { ...(lowAt === undefined ? {} : { lowAt }), open };
}

/**
 * Since when a session has been in transactions at every look; undefined for one that is in none. A transaction that failed tells no beginning, and who ends one
 * and begins the next in the same statement (`COMMIT AND CHAIN`) has always a young one.
 */
export function inTransactionsSince({ pid, transactionSince }: SharedSession, { open }: QueueMemory): Instant | undefined {
  const seen = open?.find((one) => one.pid === pid)?.since;
  return seen === undefined || transactionSince === undefined ? (seen ?? transactionSince) : Math.min(seen, transactionSince);
}

/**
 * Which sessions are ended since the queue fills. It keeps what the slowest listener has not read, and one reads only between transactions; PostgreSQL tells
 * nobody who else listens. From which database a message came stands in the queue itself. So of the database that fills it whoever keeps a transaction open is
 * ended, all at once, and soon also who sends. Anybody else only where nobody of that database holds it and all would fail soon, and without being accused: one
 * of its own that is asked and does not end yet reads a long queue, and no end of a neighbour's session would make that shorter.
 */
export function endingsOfQueue(observation: SharedServerObservation, sessions: readonly SharedSession[], now: Instant): readonly Ending[] {
  const { notificationsFull: full, queue } = observation;
  if (full <= MOST_NOTIFICATIONS) return [];
  const holding = holdersOf(sessions, queue, now);
  const words = `the queue of notifications, which is everybody's, was ${Math.floor(full * 100)} % full`;
  const filler = fillerOf(observation);
  const holders = holding.filter(({ session }) => session.database === filler?.database).map(({ session }) => session);
  const senders = full > FILLED_ON ? sessions.filter((one) => one.database === filler?.database && !holders.includes(one)) : [];
  const because = `${words}, and ${filler?.found} of ${filler?.of} samples of it came from its database`;
  const own = [...holders, ...senders].map((session): Ending => ({ session, held: "notifications", because }));
  const other = holders.length === 0 && full > HELD_BY_OTHERS ? oldest(holding, queue.lowAt) : undefined;
  if (other === undefined) return own;
  const seconds = Math.floor((now - other.since) / SECOND);
  const open = other.isOne
    ? `its transaction was the oldest, open for ${seconds} s`
    : `it was in transactions without a pause for ${seconds} s`;
  return [...own, { session: other.session, held: "notifications", because: `${words}; who holds it could not be told, and ${open}` }];
}

/** Who may be what the queue waits for, and whether for one transaction: what may be a coincidence of many comes last. */
interface Holder {
  readonly session: SharedSession;
  readonly since: Instant;
  readonly isOne: boolean;
}

function holdersOf(sessions: readonly SharedSession[], queue: QueueMemory, now: Instant): readonly Holder[] {
  const holders = sessions.flatMap((session): readonly Holder[] => {
    const { transactionSince } = session;
    const isOne = transactionSince !== undefined && now - transactionSince >= HELD_MS;
    const since = isOne ? transactionSince : inTransactionsSince(session, queue);
    return since === undefined || now - since < HELD_MS ? [] : [{ session, since, isOne }];
  });
  return holders.toSorted((a, b) => Number(b.isOne) - Number(a.isOne) || a.since - b.since);
}

/** What began after the queue did holds it only where nothing older is left. */
function oldest(holding: readonly Holder[], lowAt: Instant | undefined): Holder | undefined {
  return holding.find((one) => lowAt !== undefined && one.since <= lowAt) ?? holding[0];
}

/** The database from which more of the samples came than from all others together. */
function fillerOf({
  senders = [],
}: SharedServerObservation): { readonly database: string; readonly found: number; readonly of: number } | undefined {
  const of = senders.reduce((sum, { samples }) => sum + samples, 0);
  const most = senders.find(({ samples }) => samples * 2 > of);
  return most === undefined ? undefined : { database: most.database, found: most.samples, of };
}
