import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";

/**
 * Has every commit of a server wait for a follower, or for nobody. Only one that streams may be waited for: before that, or once it is gone for
 * good, nothing could be written at all.
 */
export async function waitFor(session: ServerSession, follower: string | undefined): Promise<void> {
  const names = follower === undefined ? "" : `FIRST 1 (${follower})`;
  for (const statement of SERVER_SQL.waitForFollowers(names)) await session.run(statement);
}
