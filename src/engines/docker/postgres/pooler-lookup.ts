import { randomBytes } from "node:crypto";
import { scramVerifier } from "../../../adapters/postgres/scram.ts";
import { LOOKUP_ROLE, SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import type { StackNode } from "../../../domain/stack/node.ts";
import type { Scope } from "../scope.ts";
import { closeCommonDatabases } from "./common-access.ts";
import { openServer, serverOf } from "./servers.ts";

/** Of the pooler itself, for its look-ups. */
export const LOOKUP_CONNECTIONS = 8;

/** Lets a pooler ask its server for the passwords of roles. Twice is once; a server whose data are new knows nothing of it. */
export async function allowLookup(scope: Scope, node: StackNode<"pooler">, password: string): Promise<void> {
  const session = await openServer(scope, serverOf(node));
  try {
    const [found] = await session.run(SERVER_SQL.role(LOOKUP_ROLE));
    if (found === undefined) await session.run(SERVER_SQL.createRole(LOOKUP_ROLE));
    const verifier = scramVerifier(password, randomBytes(16));
    await session.run(SERVER_SQL.letRoleLogIn({ role: LOOKUP_ROLE, verifier, connections: LOOKUP_CONNECTIONS }));
    await closeCommonDatabases(scope, serverOf(node), session);
    for (const statement of SERVER_SQL.lookup()) await session.run(statement);
  } finally {
    await session.end();
  }
}
