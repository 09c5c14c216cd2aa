import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import { databasesOf } from "./servers.ts";

/**
 * Drops a database of ours, whatever was set on it: PostgreSQL drops no template, and who may still connect could hold it. One that is gone already is
 * as wanted, and of one whose removal was interrupted nothing can be changed any more but that it goes.
 */
export async function dropDatabase(server: ServerSession, database: string): Promise<void> {
  const found = (await databasesOf(server)).find((one) => one.database === database);
  if (found === undefined) return;
  if (!found.invalid) await server.run(SERVER_SQL.giveUpDatabase(database));
  await server.run(SERVER_SQL.dropDatabase(database));
}
