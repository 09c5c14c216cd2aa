import { setTimeout as sleep } from "node:timers/promises";
import type { SessionRow } from "../../../adapters/postgres/server-rows.ts";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import { MOST_NOTIFICATIONS } from "../../../domain/stack/notification-queue.ts";
import { endingsOfMembers, membersFill } from "../../../domain/stack/row-lock-members.ts";
import type { Ending, SharedServerObservation, SharedSession } from "../../../domain/stack/shared-session.ts";
import { endingsOfNumbers, keepingNumbers } from "../../../domain/stack/transaction-numbers.ts";

/** What a server calls its roles and databases at one moment, by their numbers: names change, and another may get one that was given up. */
export interface Names {
  readonly roles: ReadonlyMap<string, string>;
  readonly databases: ReadonlyMap<string, string>;
}

/** What one look brought. */
export interface Look {
  readonly observation: Omit<SharedServerObservation, "queue">;
  /** The numbers of those who are never ended. */
  readonly superusers: ReadonlySet<string>;
  /** Undefined where they could not be read: that needs places in the table of locks, which may be full. */
  readonly names: Names | undefined;
}

/**
 * Reads who holds what of what is everybody's, over a session of the superuser in the database `postgres`. Names are read last, while those who were
 * seen are still there.
 * @param known the superusers of the last look, for the case that they cannot be read.
 */
export async function lookAt(session: ServerSession, known: ReadonlySet<string>): Promise<Look> {
  const told = await session.run(SERVER_SQL.activity());
  const [shared] = told;
  const full = shared?.full ?? 0;
  const rows = told.filter((row) => row.pid !== null);
  const read = rows.length === 0 ? undefined : await readNames(session);
  const superusers = read?.superusers ?? known;
  const senders = full > MOST_NOTIFICATIONS ? await session.run(SERVER_SQL.senders()) : undefined;
  return {
    observation: {
      lockPlaces: shared?.places ?? 0,
      notificationsFull: full,
      sessions: rows.map((row) => sessionOf(row, superusers)),
      ...(senders === undefined ? {} : { senders }),
    },
    superusers,
    names: read?.names,
  };
}

/** Databases that keep the numbers of transactions from being used again, and who is in them. */
export async function keepersOfNumbers(session: ServerSession, superusers: ReadonlySet<string>): Promise<readonly Ending[]> {
  const numbers = (await session.run(SERVER_SQL.numbers())).map(({ database, age, shared }) => ({ database, age, sharedAge: shared }));
  const endings: Ending[] = [];
  for (const one of keepingNumbers(numbers)) {
    const rows = await session.run(SERVER_SQL.sessionsIn(one.database));
    endings.push(
      ...endingsOfNumbers(
        one,
        rows.map((row) => sessionOf(row, superusers)),
      ),
    );
  }
  return endings;
}

/** Who fills the space in which all databases of a server note who locks a row together with others. */
export async function fillersOfMembers(session: ServerSession, superusers: ReadonlySet<string>): Promise<readonly Ending[]> {
  const [{ segments } = { segments: 0 }] = await session.run(SERVER_SQL.memberSegments());
  if (!membersFill(segments)) return [];
  const rows = await session.run(SERVER_SQL.memberHolders());
  return endingsOfMembers(
    segments,
    rows.map((row) => ({ session: sessionOf(row, superusers), samples: row.samples })),
  );
}

interface Read {
  readonly names: Names;
  readonly superusers: ReadonlySet<string>;
}

async function readNames(session: ServerSession): Promise<Read | undefined> {
  try {
    const roles = await session.run(SERVER_SQL.roleNames());
    const databases = await session.run(SERVER_SQL.databaseNames());
    return {
      names: {
        roles: new Map(roles.map(({ id, name }) => [id, name])),
        databases: new Map(databases.map(({ id, name }) => [id, name])),
      },
      superusers: new Set(roles.filter((one) => one.superuser).map((one) => one.id)),
    };
  } catch {
    return undefined;
  }
}

const TRIES = 5;
const BETWEEN_MS = 200;

/** The names after sessions were ended: what they held is free within moments. Undefined where it is not, and nobody is called by a name. */
export async function namesAfterwards(session: ServerSession): Promise<Names | undefined> {
  for (let tries = 1; ; tries++) {
    const read = await readNames(session);
    if (read !== undefined || tries === TRIES) return read?.names;
    await sleep(BETWEEN_MS);
  }
}

/** Whose session it was and where. A number that has no name, or none that could be read, is said as it is. */
export function whoWhere({ role, database }: Pick<SharedSession, "role" | "database">, names: Names | undefined) {
  return {
    role: role === undefined ? "autovacuum" : (names?.roles.get(role) ?? `role ${role}`),
    database: names?.databases.get(database) ?? `database ${database}`,
  };
}

/** The first superuser of a cluster has always this number (BOOTSTRAP_SUPERUSERID): Ballast's own is known whatever cannot be read. */
const FIRST_SUPERUSER = "10";

function sessionOf(row: SessionRow, superusers: ReadonlySet<string>): SharedSession {
  return {
    pid: row.pid,
    role: row.role ?? undefined,
    database: row.database,
    superuser: row.role !== null && (row.role === FIRST_SUPERUSER || superusers.has(row.role)),
    worker: row.worker,
    computes: row.computes,
    idleInTransaction: row.state?.startsWith("idle in transaction") === true,
    transactionSince: row.began === null ? undefined : row.began * 1000,
    stateSince: (row.changed ?? 0) * 1000,
    locks: row.locks,
  };
}
