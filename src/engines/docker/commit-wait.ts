import { quoteText, type SqlSession } from "../../adapters/postgres/session.ts";

/**
 * Has every commit of a server wait for a follower, or for nobody. Only one that streams may be waited for: before that, or once it is gone for
 * good, nothing could be written at all.
 */
export async function waitFor(session: SqlSession, follower: string | undefined): Promise<void> {
  const names = follower === undefined ? "" : `FIRST 1 (${follower})`;
  await session.query(`ALTER SYSTEM SET synchronous_standby_names = ${quoteText(names)}`);
  await session.query("SELECT pg_reload_conf()");
}
