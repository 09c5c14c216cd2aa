import type { ServerSession } from "../../adapters/postgres/superuser-session.ts";
import { type ActivityRow, SERVER_SQL } from "../../adapters/postgres/superuser-sql.ts";
import type { SharedSession, SharedSight } from "../../domain/stack/shared-session.ts";

/** Names by the numbers under which sessions tell them. */
export interface KnownNames {
  readonly roles: Map<string, { readonly name: string; readonly superuser: boolean }>;
  readonly databases: Map<string, string>;
}

export function noNames(): KnownNames {
  return { roles: new Map(), databases: new Map() };
}

/** Reads who holds what of what is everybody's, over a session of the superuser in the database `postgres`. */
export async function sightOf(session: ServerSession, names: KnownNames): Promise<Omit<SharedSight, "queue">> {
  const [shared] = await session.run(SERVER_SQL.sharedState());
  const rows = await session.run(SERVER_SQL.activity());
  if (rows.some((row) => !names.roles.has(row.role) || !names.databases.has(row.database))) await learnNames(session, names);
  return {
    lockPlaces: shared?.places ?? 0,
    notificationsFull: shared?.full ?? 0,
    sessions: rows.map((row) => sessionOf(row, names)),
  };
}

/** Where the table is full this fails, and the numbers must do. */
async function learnNames(session: ServerSession, names: KnownNames): Promise<void> {
  const roles = await session.run(SERVER_SQL.roleNames()).catch(() => []);
  for (const { id, name, superuser } of roles) names.roles.set(id, { name, superuser });
  const databases = await session.run(SERVER_SQL.databaseNames()).catch(() => []);
  for (const { id, name } of databases) names.databases.set(id, name);
}

/** The first superuser of a cluster has always this number (BOOTSTRAP_SUPERUSERID): Ballast's own is known whatever cannot be read. */
const FIRST_SUPERUSER = "10";

function sessionOf(row: ActivityRow, names: KnownNames): SharedSession {
  const role = names.roles.get(row.role);
  return {
    pid: row.pid,
    role: role?.name ?? `role ${row.role}`,
    database: names.databases.get(row.database) ?? `database ${row.database}`,
    superuser: row.role === FIRST_SUPERUSER || role?.superuser === true,
    idleInTransaction: row.state?.startsWith("idle in transaction") === true,
    transactionSince: row.began === null ? undefined : row.began * 1000,
    stateSince: (row.changed ?? 0) * 1000,
    locks: row.locks,
    sentAt: row.sent === null ? undefined : row.sent * 1000,
  };
}
