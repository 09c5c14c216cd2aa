import { randomBytes } from "node:crypto";
import { scramVerifier } from "../../adapters/postgres/scram.ts";
import type { ServerSession } from "../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../adapters/postgres/superuser-sql.ts";
import type { StackNode } from "../../domain/stack/node.ts";
import { failure } from "../../kernel/problem.ts";
import type { Scope } from "./scope.ts";
import { isOf, labelsIn } from "./servers.ts";

type Node = Pick<StackNode<"database">, "id" | "spec">;

/** What a role says of itself, so that nothing but what is ours is changed or removed. */
function roleLabels(scope: Scope, node: Node): Record<string, string> {
  return { "ballast.fleet": scope.owner.fleet, "ballast.instance": scope.owner.instance, "ballast.node": node.id };
}

/** True when a role says that it is this node's. */
export async function ownsRole(scope: Scope, server: ServerSession, node: Node): Promise<boolean> {
  const [found] = await server.run(SERVER_SQL.role(node.spec.role));
  return found !== undefined && isOf(scope, labelsIn(found.comment), node.id);
}

/** Marks a role as this node's. */
export async function claimRole(scope: Scope, server: ServerSession, node: Node): Promise<void> {
  await server.run(SERVER_SQL.labelRole(node.spec.role, roleLabels(scope, node)));
}

/** Makes the role for a database that is made now; where that fails, a role that was made for it goes again. */
export async function withRole<T>(
  scope: Scope,
  server: ServerSession,
  wish: { node: Node; password: string; known: boolean },
  make: () => Promise<T>,
): Promise<T> {
  const [before] = await server.run(SERVER_SQL.role(wish.node.spec.role));
  await haveRole(scope, server, wish);
  try {
    return await make();
  } catch (error) {
    if (before === undefined) await server.run(SERVER_SQL.dropRole(wish.node.spec.role)).catch(() => undefined);
    throw error;
  }
}

/**
 * The tenant's role: logs in, owns what is in its database, and can do nothing beside it. One of this name that is somebody else's is refused;
 * `known` says that a database of this node's names it, as before roles said whose they are.
 */
export async function haveRole(scope: Scope, server: ServerSession, wish: { node: Node; password: string; known: boolean }): Promise<void> {
  const { node, password, known } = wish;
  const { role, connectionLimit, settings } = node.spec;
  const [found] = await server.run(SERVER_SQL.role(role));
  const labels = labelsIn(found?.comment ?? null);
  if (found === undefined) await server.run(SERVER_SQL.createRole(role));
  else if (!known && !isOf(scope, labels, node.id) && (found.privileged || "ballast.node" in labels))
    throw failure("BAL-E006", node.id, `a role named ${role} is not ours`);
  await server.run(SERVER_SQL.letRoleLogIn({ role, verifier: scramVerifier(password, randomBytes(16)), connections: connectionLimit }));
  for (const [setting, value] of Object.entries(settings)) await server.run(SERVER_SQL.setForRole(role, setting, value));
  if (!isOf(scope, labels, node.id)) await claimRole(scope, server, node);
}
