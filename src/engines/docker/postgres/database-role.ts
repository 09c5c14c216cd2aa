import { randomBytes } from "node:crypto";
import { isVerifierOf, scramVerifier } from "../../../adapters/postgres/scram.ts";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import type { NodeId, StackNode } from "../../../domain/stack/node.ts";
import { isTemporary } from "../../../domain/stack/temporary-name.ts";
import { failure, type ProblemError } from "../../../kernel/problem.ts";
import { clearedUp } from "../cleared-up.ts";
import { declaredOf } from "../observe/labels.ts";
import type { Scope } from "../scope.ts";
import { differences, rolesOf } from "./role-observation.ts";
import { removeRole } from "./role-removal.ts";
import { isOf, type LabelledDatabase, labelsIn } from "./servers.ts";

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

/** What is wanted of a node's role, and by what one that is there is known. */
export interface DesiredRole {
  readonly node: Node;
  /** The node whose data this one takes over. */
  readonly former: NodeId | undefined;
  readonly password: string;
  /** All of the server. */
  readonly databases: readonly LabelledDatabase[];
}

/** Makes the role for a database that is made now; where that fails, a role that was made for it goes again. */
export async function withRole<T>(scope: Scope, server: ServerSession, desired: DesiredRole, make: () => Promise<T>): Promise<T> {
  const [before] = await server.run(SERVER_SQL.role(desired.node.spec.role));
  await haveRole(scope, server, desired);
  try {
    return await make();
  } catch (error) {
    const { id, spec } = desired.node;
    if (before !== undefined) throw error;
    const left = { at: id, says: `the role ${spec.role} that was made for it could not be removed` };
    throw await clearedUp(error, left, () => removeRole(scope, server, spec.role));
  }
}

/** The tenant's role: logs in, owns what is in its database, and can do nothing beside it. One of this name that is somebody else's is refused. */
export async function haveRole(scope: Scope, server: ServerSession, desired: DesiredRole): Promise<void> {
  const { node, password } = desired;
  const { role } = node.spec;
  await nameRoleBack(scope, server, node);
  const [found] = await server.run(SERVER_SQL.role(role));
  const labels = labelsIn(found?.comment ?? null);
  if (found === undefined) await server.run(SERVER_SQL.createLabelledRole(role, roleLabels(scope, node)));
  else if (!isOf(scope, labels, node.id)) {
    if (found.privileged || !isKnown(scope, labels, desired)) throw foreignRole(node);
    await claimRole(scope, server, node);
  }
  await settleRole(server, node, password);
}

/**
 * What it was given, and nothing else. It is written where it differs: a role may hold its own row, and each write waits for that. A verifier that still
 * belongs to its password stays: another one would send everybody through a new log-in.
 */
export async function settleRole(server: ServerSession, { spec }: Pick<Node, "spec">, password: string): Promise<void> {
  const { role, name, connectionLimit: connections, settings } = spec;
  // No role of a tenant acts as another: older servers let each lend itself to whomever it likes.
  for (const { granted, to } of await server.run(SERVER_SQL.memberships(role)))
    await server.run(SERVER_SQL.letRoleNoLongerActAs(to, granted));
  const roles = await rolesOf(server);
  if (differences(roles, { spec, database: name, password }).length === 0) return;
  const stored = roles.logins.get(role)?.verifier ?? "";
  const verifier = isVerifierOf(stored, password) ? stored : scramVerifier(password, randomBytes(16));
  await server.run(SERVER_SQL.letRoleLogIn({ role, verifier, connections }));
  await server.run(SERVER_SQL.setOnlyForRole(role, settings));
  for (const other of roles.settings) {
    if (other.database === null) continue;
    if (other.role === role) await server.run(SERVER_SQL.resetRoleIn(role, other.database));
    else if (other.role === null && other.database === name) await server.run(SERVER_SQL.resetDatabase(name));
  }
}

/** A role that says that it is this node's and has another name owns what is in the database: it gets its name back before a second one is made. */
async function nameRoleBack(scope: Scope, server: ServerSession, node: Node): Promise<void> {
  const { role } = node.spec;
  const [there] = await server.run(SERVER_SQL.role(role));
  if (there !== undefined) return;
  const all = await server.run(SERVER_SQL.roleLabels());
  const mine = all.filter((one) => isOf(scope, labelsIn(one.comment), node.id) && !isTemporary(one.role));
  const [found] = mine;
  if (found === undefined || mine.length > 1) return;
  await server.run(SERVER_SQL.renameLabelledRole(found.role, role, roleLabels(scope, node)));
}

/** A database of a former name hands its role over, too: one that says that it is that node's, or that only its database names. */
export async function renameFormerRole(
  scope: Scope,
  server: ServerSession,
  { node, former, found }: { readonly node: Node; readonly former: NodeId; readonly found: LabelledDatabase },
): Promise<void> {
  const role = roleNamedBy(found);
  const [old] = role === undefined ? [] : await server.run(SERVER_SQL.role(role));
  if (role === undefined || old === undefined || role === node.spec.role) return;
  if (
    old.privileged ||
    !isKnown(scope, labelsIn(old.comment), { node: { ...node, spec: { ...node.spec, role } }, former, databases: [found] })
  )
    throw foreignRole({ ...node, spec: { ...node.spec, role } });
  await server.run(SERVER_SQL.renameLabelledRole(role, node.spec.role, roleLabels(scope, node)));
}

/** The role that a database of ours was declared with. */
export function roleNamedBy({ labels }: LabelledDatabase): string | undefined {
  const declared = declaredOf(labels)?.declared;
  return declared?.kind === "database" ? (declared.spec as Node["spec"]).role : undefined;
}

/** Before roles said whose they are, a database that names one stood for it. What says something else is somebody else's. */
function isKnown(
  scope: Scope,
  labels: Readonly<Record<string, string>>,
  { node, former, databases }: Pick<DesiredRole, "node" | "former" | "databases">,
): boolean {
  const ids = former === undefined ? [node.id] : [node.id, former];
  if ("ballast.node" in labels) return ids.some((id) => isOf(scope, labels, id));
  return databases.some((one) => ids.some((id) => isOf(scope, one.labels, id)) && roleNamedBy(one) === node.spec.role);
}

function foreignRole({ id, spec }: Node): ProblemError {
  return failure("BAL-E006", id, `a role named ${spec.role} is not ours`, {
    hint: `see on the server whose it is; once nobody needs it, drop it (DROP ROLE ${spec.role}), then apply again`,
  });
}
