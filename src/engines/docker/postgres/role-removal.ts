import { randomBytes } from "node:crypto";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import { temporaryName } from "../../../domain/stack/temporary-name.ts";
import { ProblemError } from "../../../kernel/problem.ts";
import type { Scope } from "../scope.ts";
import { labelsIn } from "./servers.ts";

/** The name that a role had before it was retired. */
const GONE_LABEL = "ballast.gone";
/** Batches of large objects that one removal deletes; what is left goes with a later one. */
const MOST_BATCHES = 200;
/** Retired roles that one sweep tries: each may wait two seconds for somebody's transaction. */
const MOST_SWEPT = 5;

/**
 * Removes a role, whatever any tenant made depend on it: a grant or a default privilege in any database of the server keeps PostgreSQL from dropping it.
 * Such a role may no longer log in, acts as nobody and gives its name free; `sweepRoles` drops it once nothing depends on it.
 */
export async function removeRole(scope: Pick<Scope, "owner">, server: ServerSession, role: string): Promise<"removed" | "retired"> {
  const [found] = await server.run(SERVER_SQL.role(role));
  if (found === undefined) return "removed";
  await shutOut(server, role);
  if (await isDropped(server, role)) return "removed";
  const { fleet, instance } = scope.owner;
  const labels = { "ballast.fleet": fleet, "ballast.instance": instance, [GONE_LABEL]: role };
  const retired = temporaryName("gone", randomBytes(16).toString("hex"));
  for (const { granted, to } of await server.run(SERVER_SQL.memberships(role)))
    await isDone(server.run(SERVER_SQL.letRoleNoLongerActAs(to, granted)));
  await server.run(SERVER_SQL.retireRole(role, retired, labels));
  return "retired";
}

/** Drops those retired roles of this installation that nothing depends on any more. */
export async function sweepRoles({ owner }: Pick<Scope, "owner">, server: ServerSession): Promise<void> {
  const found = await server.run(SERVER_SQL.temporaryRoles());
  const retired = found.filter(({ comment }) => {
    const labels = labelsIn(comment);
    return GONE_LABEL in labels && labels["ballast.instance"] === owner.instance;
  });
  // Whichever cannot be dropped must not stand before the others for ever.
  const from = randomBytes(4).readUInt32BE() % Math.max(1, retired.length);
  const turn = [...retired.slice(from), ...retired.slice(0, from)];
  for (const { role } of turn.slice(0, MOST_SWEPT)) await isDropped(server, role);
}

/** A session of the role's own may hold its row (it may change its password), so they end before as well as after. */
async function shutOut(server: ServerSession, role: string): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt++) {
    await server.run(SERVER_SQL.endSessionsOf(role));
    if (await isDone(server.run(SERVER_SQL.letNobodyLogIn(role)))) break;
  }
  await server.run(SERVER_SQL.endSessionsOf(role));
}

/** Drops a role after what is its own in the common database; false where something still depends on it. */
async function isDropped(server: ServerSession, role: string): Promise<boolean> {
  if (!(await isDone(unlinkAll(server, role)))) return false;
  if (!(await isDone(server.run(SERVER_SQL.dropOwned(role))))) return false;
  return await isDone(server.run(SERVER_SQL.dropRole(role)));
}

async function unlinkAll(server: ServerSession, role: string): Promise<void> {
  for (let batch = 0; batch < MOST_BATCHES; batch++) if ((await server.run(SERVER_SQL.unlinkLargeObjects(role))).length === 0) return;
}

/** SQLSTATE of what a tenant can bring about: something depends on the role, holds its lock, or is too much for the table of locks. */
const HELD = new Set(["2BP01", "55P03", "40P01", "53200", "57014", "XX000", "42704"]);

async function isDone(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    const { code, cause } = error as { code?: string; cause?: { code?: string } };
    if (HELD.has((error instanceof ProblemError ? cause?.code : code) ?? "")) return false;
    throw error;
  }
}
