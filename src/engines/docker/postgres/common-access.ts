import { SUPERUSER_DATABASE } from "../../../adapters/postgres/session.ts";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { LOOKUP_ROLE, SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import { type CommonEdits, commonEdits } from "../../../domain/stack/common-access.ts";
import { type NodeId, type StackNode, stackOf } from "../../../domain/stack/node.ts";
import type { ObservedNode } from "../../../domain/stack/observation.ts";
import { lookAtContainers } from "../container/containers.ts";
import type { Scope } from "../scope.ts";
import { labelsIn } from "./servers.ts";

/**
 * Closes the databases that are everybody's to all who have no business there, and ends their sessions in them; what was otherwise, in words. Twice is
 * once.
 */
export async function closeCommonDatabases(scope: Scope, server: NodeId, session: ServerSession): Promise<readonly string[]> {
  return await inTurn(`${scope.owner.instance} ${server}`, async () => {
    const { nodes } = await lookAtContainers(scope, undefined);
    return await keepClosed(session, { instance: scope.owner.instance, meeting: meetingIn(nodes, server) });
  });
}

const turns = new Map<string, Promise<unknown>>();

/** One after the other on a server: two that write the same rights at once refuse each other. */
async function inTurn<T>(server: string, work: () => Promise<T>): Promise<T> {
  const before = turns.get(server) ?? Promise.resolve();
  const mine = before.then(work, work);
  turns.set(server, mine);
  return await mine;
}

/** The roles of those Odoo containers, running or not, that still meet in the common database of a server. */
export function meetingIn(nodes: readonly Pick<ObservedNode, "declared">[], server: NodeId): readonly string[] {
  return nodes.flatMap(({ declared }) => {
    if (declared.kind !== "odoo" || !declared.uses.some((edge) => edge.as === "sql" && stackOf(edge.to) === stackOf(server))) return [];
    const { bus, databaseRole } = declared.spec as StackNode<"odoo">["spec"];
    return bus === undefined ? [databaseRole] : [];
  });
}

/** @param of whose roles are ours, and which of them still meet in the common database. */
export async function keepClosed(
  session: ServerSession,
  of: { readonly instance: string; readonly meeting: readonly string[] },
): Promise<readonly string[]> {
  const [common] = await session.run(SERVER_SQL.areCommonClosed());
  if (common?.closed !== true) for (const statement of SERVER_SQL.closeCommonDatabases()) await session.run(statement);
  const access = await session.run(SERVER_SQL.commonAccess());
  const roles = await session.run(SERVER_SQL.roleNames());
  const labels = await session.run(SERVER_SQL.roleLabels());
  const edits = commonEdits(
    {
      everybody: access.some((one) => one.role === null),
      letIn: new Set(access.flatMap((one) => (one.role !== null && one.connects ? [one.role] : []))),
      named: new Set(access.flatMap((one) => (one.role === null ? [] : [one.role]))),
    },
    {
      roles: new Set(roles.map((one) => one.name)),
      ours: new Set(labels.filter((one) => labelsIn(one.comment)["ballast.instance"] === of.instance).map((one) => one.role)),
      needing: new Set([LOOKUP_ROLE, ...of.meeting]),
    },
  );
  for (const role of edits.letIn) await session.run(SERVER_SQL.letIntoCommon(role));
  for (const role of edits.shutOut) await session.run(SERVER_SQL.shutOut(SUPERUSER_DATABASE, role));
  if (edits.shutEverybodyOut) await session.run(SERVER_SQL.shutOut(SUPERUSER_DATABASE));
  await session.run(SERVER_SQL.endUnwelcome());
  return wordsOf(edits);
}

function wordsOf({ shutOut, shutEverybodyOut }: CommonEdits): readonly string[] {
  return [
    ...(shutEverybodyOut ? ["every role could connect to the database postgres"] : []),
    ...shutOut.map((role) => `${role} could connect to the database postgres`),
  ];
}
