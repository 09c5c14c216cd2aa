import type { TemporaryDatabaseRow } from "../../../adapters/postgres/server-rows.ts";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import { isTemporary } from "../../../domain/stack/temporary-name.ts";
import { ProblemError } from "../../../kernel/problem.ts";
import type { Swept } from "../../engine.ts";
import { lookAtContainers } from "../container/containers.ts";
import type { Scope } from "../scope.ts";
import { dropDatabase } from "./database-removal.ts";
import { MAKING_LABEL } from "./maker-role.ts";
import { removeRole, sweepRoles } from "./role-removal.ts";
import { labelsIn, openServer } from "./servers.ts";

/** Longer than anything is made: each job of a making ends after 20 minutes, and there are three. */
const ABANDONED_SECONDS = 2 * 3600;

/**
 * Whether a temporary database of this installation is left over from a making that was cut off and that nobody started over: by what it or its owner says of
 * itself. One whose age is unknown, or in which somebody is, is left alone.
 */
export function isAbandoned({ comment, owner, owner_comment: ofOwner, age, used }: TemporaryDatabaseRow, instance: string): boolean {
  if (used || age === null || age < ABANDONED_SECONDS) return false;
  const [own, owners] = [labelsIn(comment), isTemporary(owner) ? labelsIn(ofOwner) : {}];
  const isOurs = (labels: Readonly<Record<string, string>>) => labels["ballast.instance"] === instance;
  return isOurs("ballast.instance" in own ? own : owners) && [MAKING_LABEL, "ballast.node"].some((key) => key in own || key in owners);
}

/** Removes from one server what makings that were cut off left there, and tells their names. What is in use all the same waits for the next time. */
export async function sweepDatabases(scope: Pick<Scope, "owner">, server: ServerSession): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const row of await server.run(SERVER_SQL.temporaryDatabases())) {
    if (!isAbandoned(row, scope.owner.instance)) continue;
    try {
      await dropDatabase(server, row.database);
      if (isTemporary(row.owner)) await removeRole(scope, server, row.owner);
      removed.push(row.database);
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problems[0]?.code !== "BAL-E009") throw error;
    }
  }
  await sweepRoles(scope, server);
  return removed;
}

/** Every server that runs, one after the other. One that cannot be asked holds up no other, and is told with those that could. */
export async function sweepServers(scope: Scope): Promise<Swept> {
  const { nodes } = await lookAtContainers(scope, undefined);
  const servers = nodes.filter(({ declared, condition }) => declared.kind === "postgres" && condition === "serving");
  const removed: Swept["removed"][number][] = [];
  const failed: unknown[] = [];
  for (const { declared } of servers) {
    try {
      const session = await openServer(scope, declared.id);
      try {
        const names = await sweepDatabases(scope, session);
        removed.push(...names.map((database) => ({ server: declared.id, database })));
      } finally {
        await session.end();
      }
    } catch (error) {
      failed.push(error);
    }
  }
  return { removed, failed };
}
