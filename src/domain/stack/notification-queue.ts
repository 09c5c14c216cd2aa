import type { Instant } from "../../kernel/instant.ts";
import type { Ending, QueueMemory, Sending, SharedSession, SharedSight } from "./shared-session.ts";

export const NOTHING_SEEN: QueueMemory = { sendings: [] };

const SECOND = 1000;
/** Of a queue of 8 GiB: some hundred MiB that nobody has read. Whoever fills it is ended. */
const MOST_NOTIFICATIONS = 0.05;
/** Where that did not help, or nobody knows who fills it, somebody else is ended rather than all fail. */
const HELD_BY_OTHERS = 0.25;
const HELD_BY_ANYBODY = 0.5;
const NEARLY_EMPTY = 0.01;
/** Who only began a moment ago is not what the queue waits for. */
const HELD_MS = 5 * SECOND;
const REMEMBERED_MS = 60 * SECOND;
const MOST_SENDINGS = 500;
/** Odoo sends now and then: who was seen less often does not fill it. */
const FEWEST_SENDINGS = 3;

/** Adds one look to what is known. */
export function rememberQueue(memory: QueueMemory, { notificationsFull, sessions }: Omit<SharedSight, "queue">, now: Instant): QueueMemory {
  const lowAt = notificationsFull <= NEARLY_EMPTY ? now : memory.lowAt;
  const known = new Set(memory.sendings.map(keyOf));
  const seen = sessions.flatMap(({ role, pid, sentAt }) => (sentAt === undefined || role === undefined ? [] : [{ role, pid, at: sentAt }]));
  const sendings = [...memory.sendings, ...seen.filter((one) => !known.has(keyOf(one)))].filter((one) => now - one.at <= REMEMBERED_MS);
  return { ...(lowAt === undefined ? {} : { lowAt }), sendings: sendings.slice(-MOST_SENDINGS) };
}

function keyOf({ pid, at }: Sending): string {
  return `${pid} ${at}`;
}

/**
 * Which sessions are ended since the queue fills. It keeps what the slowest listener has not read, and one reads only between transactions; PostgreSQL tells
 * nobody who else listens. So whoever fills it is ended first: who sends, and of the same role who keeps a transaction open. Anybody else only where all
 * would fail soon, and without being accused.
 */
export function endingsOfQueue(sight: SharedSight, sessions: readonly SharedSession[], now: Instant): readonly Ending[] {
  const { notificationsFull: full, queue } = sight;
  if (full <= MOST_NOTIFICATIONS) return [];
  const holding = sessions
    .filter((one) => isOpenFor(one, HELD_MS, now))
    .toSorted((a, b) => Number(a.transactionSince) - Number(b.transactionSince));
  const words = `the queue of notifications, which is everybody's, was ${Math.floor(full * 100)} % full`;
  const filler = fillerOf(queue, now);
  const isFiller = ({ role }: SharedSession) => filler !== undefined && role === filler.role;
  const own = holding.find(isFiller);
  const sending = sessions.filter((one) => isFiller(one) && one.sentAt !== undefined && one !== own);
  const because = `${words}, and ${filler?.times} of the ${filler?.of} times that anybody was seen sending in the last minute it was its role`;
  const fillers = [...(own === undefined ? [] : [own]), ...sending].map((session): Ending => ({ session, held: "notifications", because }));
  const last = full > HELD_BY_ANYBODY || (full > HELD_BY_OTHERS && own === undefined);
  const other = last
    ? oldest(
        holding.filter((one) => one !== own),
        queue.lowAt,
      )
    : undefined;
  if (other === undefined) return fillers;
  const open = `its transaction was the oldest, open for ${Math.floor((now - Number(other.transactionSince)) / SECOND)} s`;
  return [...fillers, { session: other, held: "notifications", because: `${words}; who holds it could not be told, and ${open}` }];
}

function isOpenFor({ transactionSince }: SharedSession, ms: number, now: Instant): boolean {
  return transactionSince !== undefined && now - transactionSince >= ms;
}

/** What began after the queue did holds it only where nothing older is left. */
function oldest(holding: readonly SharedSession[], lowAt: Instant | undefined): SharedSession | undefined {
  return holding.find((one) => lowAt !== undefined && Number(one.transactionSince) <= lowAt) ?? holding[0];
}

/** The role that was seen sending more often than all others together. */
function fillerOf(
  { sendings }: QueueMemory,
  now: Instant,
): { readonly role: string; readonly times: number; readonly of: number } | undefined {
  const recent = sendings.filter((one) => now - one.at <= REMEMBERED_MS);
  const [most] = [...Map.groupBy(recent, (one) => one.role)].toSorted(([, a], [, b]) => b.length - a.length);
  if (most === undefined || most[1].length < FEWEST_SENDINGS || most[1].length * 2 <= recent.length) return undefined;
  return { role: most[0], times: most[1].length, of: recent.length };
}
