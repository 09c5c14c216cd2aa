import { COPY_SETTINGS } from "../../../adapters/postgres/own-copy.ts";
import { quoteName, type SqlSession, SUPERUSER } from "../../../adapters/postgres/session.ts";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import type { NodeId } from "../../../domain/stack/node.ts";
import type { Making } from "../../../domain/stack/temporary-name.ts";
import type { Scope } from "../scope.ts";
import { makeMaker, makingLabels } from "./maker-role.ts";
import { removeRole } from "./role-removal.ts";
import { openInside } from "./servers.ts";

/** Owns every database: its role owns what is in it, and can neither drop it nor change what is set on it. */
export const DATABASE_OWNER = SUPERUSER;

export interface OwnedFor {
  readonly node: NodeId;
  readonly server: NodeId;
  readonly database: string;
  /** Whose the content is, or will be. */
  readonly role: string;
  readonly making: Making;
}

/**
 * An empty database in which a role may build, and which it does not own: an owner may do with a database what keeps it from being removed or used, and so may
 * whatever is restored by that role. The schema is handed over while nothing foreign is in there, by a role that exists for this alone.
 */
export async function makeEmptyDatabase(scope: Scope, server: ServerSession, desired: OwnedFor): Promise<void> {
  const { node, database, role, making } = desired;
  const maker = await makeMaker(scope, server, { node, making });
  await server.run(SERVER_SQL.letRoleActAs(maker.role, role));
  await server.run(SERVER_SQL.createEmptyDatabase(database, maker.role));
  await server.run(SERVER_SQL.labelDatabase(database, makingLabels(scope, node)));
  await server.run(SERVER_SQL.shutOut(database));
  await server.run(SERVER_SQL.openDatabase(database, true));
  const insider = { database, role: maker.role, password: maker.password, settings: COPY_SETTINGS.writing };
  await within(await openInside(scope, { server: desired.server, at: node }, insider), async (inside) => {
    await inside.query(`ALTER SCHEMA public OWNER TO ${quoteName(role)}`);
  });
  await server.run(SERVER_SQL.ownDatabase(database, DATABASE_OWNER));
  await removeRole(scope, server, maker.role);
  await server.run(SERVER_SQL.letIn(database, role, "build"));
}

/** Makes a database one that its role may use, and nobody else: what an owner, or who built in it, could have set on it is put right. */
export async function settleDatabase(server: ServerSession, { database, role }: Pick<OwnedFor, "database" | "role">): Promise<void> {
  await server.run(SERVER_SQL.ownDatabase(database, DATABASE_OWNER));
  await server.run(SERVER_SQL.plainDatabase(database));
  await server.run(SERVER_SQL.resetDatabase(database));
  await server.run(SERVER_SQL.shutOut(database));
  for (const one of await server.run(SERVER_SQL.letInto(database))) await server.run(SERVER_SQL.shutOut(database, one.role));
  await server.run(SERVER_SQL.letIn(database, role, "use"));
}

export async function within<T>(session: SqlSession, act: (session: SqlSession) => Promise<T>): Promise<T> {
  try {
    return await act(session);
  } finally {
    await session.end();
  }
}
