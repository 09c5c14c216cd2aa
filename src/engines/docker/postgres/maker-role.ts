import { randomBytes } from "node:crypto";
import { scramVerifier } from "../../../adapters/postgres/scram.ts";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import type { NodeId } from "../../../domain/stack/node.ts";
import { type Making, temporaryName } from "../../../domain/stack/temporary-name.ts";
import type { Scope } from "../scope.ts";
import { labelsIn } from "./servers.ts";

/** The node that something temporary is made for. */
export const MAKING_LABEL = "ballast.making";
const CONNECTIONS = 3;

/** What a database or role says while a node's database is made. */
export function makingLabels({ owner: { fleet, instance } }: Pick<Scope, "owner">, node: NodeId): Record<string, string> {
  return { "ballast.fleet": fleet, "ballast.instance": instance, [MAKING_LABEL]: node };
}

/** Makes a role that exists while a node's database is made. Its name is another one each time: who knew it could prepare for it. */
export async function makeMaker(
  scope: Pick<Scope, "owner">,
  server: ServerSession,
  { node, making }: { readonly node: NodeId; readonly making: Making },
): Promise<{ readonly role: string; readonly password: string }> {
  const role = temporaryName(making, randomBytes(16).toString("hex"));
  const password = randomBytes(24).toString("hex");
  await server.run(SERVER_SQL.createLabelledRole(role, makingLabels(scope, node)));
  await server.run(SERVER_SQL.letRoleLogIn({ role, verifier: scramVerifier(password, randomBytes(16)), connections: CONNECTIONS }));
  return { role, password };
}

/** Those roles that were made so for a node and are still there. */
export async function makersOf({ owner }: Pick<Scope, "owner">, server: ServerSession, node: NodeId): Promise<readonly string[]> {
  const found = await server.run(SERVER_SQL.temporaryRoles());
  return found.flatMap(({ role, comment }) => {
    const labels = labelsIn(comment);
    return labels[MAKING_LABEL] === node && labels["ballast.instance"] === owner.instance ? [role] : [];
  });
}
