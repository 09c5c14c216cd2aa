import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import type { StackNode } from "../../../domain/stack/node.ts";
import { isTemporary } from "../../../domain/stack/temporary-name.ts";
import { bounded, NAME } from "../../../kernel/foreign-text.ts";
import { failure } from "../../../kernel/problem.ts";
import type { Scope } from "../scope.ts";
import { databasesOf, isOf, type LabelledDatabase } from "./servers.ts";

type Node = StackNode<"database">;

/** A whole database of this node that somebody gave another name gets its own again: recreated beside it, the node would begin empty. */
export async function nameBack(scope: Pick<Scope, "owner">, server: ServerSession, node: Node): Promise<void> {
  const databases = await databasesOf(server);
  const mine = databases.filter((one) => isOf(scope, one.labels, node.id) && !isTemporary(one.database));
  const [found, ...more] = mine;
  if (found === undefined || mine.some((one) => one.database === node.spec.name)) return;
  if (more.length > 0) {
    const names = mine.map((one) => bounded(one.database, NAME)).join(", ");
    throw failure("BAL-E006", node.id, `several databases say that they are this one, and none has its name: ${names}`, {
      hint: "see which holds its data, and remove the label of each other one (COMMENT ON DATABASE … IS NULL), then apply again",
    });
  }
  await giveName(server, { node, found, databases });
}

/** Renames a database, unless the name is taken. */
export async function giveName(
  server: ServerSession,
  { node, found, databases }: { readonly node: Node; readonly found: LabelledDatabase; readonly databases: readonly LabelledDatabase[] },
): Promise<void> {
  const { name } = node.spec;
  if (databases.some((one) => one.database === name))
    throw failure(
      "BAL-E006",
      node.id,
      `its database is named ${bounded(found.database, NAME)}, and another one stands under its name ${name}`,
      {
        hint: `see what is in both; once the other one is renamed (ALTER DATABASE ${name} RENAME TO …) or dropped, apply again`,
      },
    );
  // Closed meanwhile: who connects again at once would hold the name.
  await server.run(SERVER_SQL.openDatabase(found.database, false));
  await server.run(SERVER_SQL.endSessions(found.database));
  await server.run(SERVER_SQL.renameDatabase(found.database, name));
}
