import { COPY_SETTINGS, type CopyWork, makeOwn } from "../../../adapters/postgres/own-copy.ts";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL, TEMPLATE_OWNER } from "../../../adapters/postgres/superuser-sql.ts";
import type { ChosenSource } from "../../../domain/stack/data-source.ts";
import type { StackNode } from "../../../domain/stack/node.ts";
import { temporaryName } from "../../../domain/stack/temporary-name.ts";
import { failure, ProblemError } from "../../../kernel/problem.ts";
import type { ApplyContext } from "../../engine.ts";
import { clearedUp } from "../cleared-up.ts";
import { credentialOf } from "../container/credentials.ts";
import { labelsOf } from "../observe/labels.ts";
import type { Scope } from "../scope.ts";
import { factsOf, identityOf, ownKey } from "./database-identity.ts";
import { dropDatabase } from "./database-removal.ts";
import { settleRole } from "./database-role.ts";
import { MAKING_LABEL, makeMaker, makersOf, makingLabels } from "./maker-role.ts";
import { makeEmptyDatabase, settleDatabase } from "./own-database.ts";
import { removeRole, sweepRoles } from "./role-removal.ts";
import { databasesOf, isOf, labelsIn, openInside, SOURCE_LABEL, serverOf } from "./servers.ts";
import { chooseDataSource, fillFromSnapshot, type SnapshotPlan } from "./snapshot.ts";

type Node = StackNode<"database">;

export interface MakingWork {
  readonly node: Node;
  readonly context: ApplyContext;
}

/** The database that exists only while the database of a node is made. */
function makingOf({ spec }: Pick<Node, "spec">): string {
  return temporaryName("new", spec.name);
}

/**
 * Makes the database of a node under a name that nobody can declare, gives it its own identity, and renames it as the last act: under its name it is
 * whole. Whatever was begun is thrown away when it fails: it may hold the data of somebody, and is nobody's own yet.
 */
export async function makeDatabase(scope: Scope, server: ServerSession, work: MakingWork): Promise<void> {
  const { node, context } = work;
  await clearAway(scope, server, node);
  await sweepRoles(scope, server);
  const plan = await chooseDataSource(scope, server, work);
  if (plan !== undefined) context.progress(plan.chosen.says);
  try {
    await (plan?.chosen.kind === "snapshot" ? fromSnapshot(scope, server, { ...work, plan }) : fromTemplate(scope, server, work));
    await publish(scope, server, { node, chosen: plan?.chosen });
  } catch (error) {
    const left = { at: node.id, says: `the database ${makingOf(node)} that was begun could not be removed` };
    throw await clearedUp(error, left, () => clearAway(scope, server, node));
  }
}

/**
 * Removes what an interrupted creation left behind, where it says that it is this node's. What an older version left under `new_<name>` stays: a
 * tenant may have that name, and the data of one that is being renamed to it look the same.
 */
export async function clearAway(scope: Scope, server: ServerSession, node: Pick<Node, "id" | "spec">): Promise<void> {
  const making = makingOf(node);
  const renewers = await renewersOf(scope, server, node);
  const found = (await databasesOf(server)).find(({ database }) => database === making);
  if (found !== undefined) {
    const { owner, labels } = found;
    const begun = labels[MAKING_LABEL] === node.id && labels["ballast.instance"] === scope.owner.instance;
    if (!begun && !isOf(scope, labels, node.id) && !renewers.includes(owner) && owner !== node.spec.role)
      throw failure("BAL-E006", node.id, `a database named ${making} is not ours`);
    await dropDatabase(server, making);
  }
  for (const renewer of renewers) await removeRole(scope, server, renewer);
}

/** Roles that an interrupted creation left: by what they say, and by the name that older versions gave them. */
async function renewersOf(scope: Scope, server: ServerSession, node: Pick<Node, "id" | "spec">): Promise<readonly string[]> {
  const formerly = temporaryName("renew", node.spec.name);
  const [former] = await server.run(SERVER_SQL.role(formerly));
  const labels = labelsIn(former?.comment ?? null);
  if (former?.privileged === true || ("ballast.node" in labels && !isOf(scope, labels, node.id)))
    throw failure("BAL-E006", node.id, `a role named ${formerly} is not ours`);
  const own = await makersOf(scope, server, node.id);
  return former === undefined ? own : [...own, formerly];
}

/** Closed to everybody but its owner, and marked as in the making. */
async function begin(scope: Scope, server: ServerSession, node: Node): Promise<void> {
  const making = makingOf(node);
  await server.run(SERVER_SQL.labelDatabase(making, makingLabels(scope, node.id)));
  await server.run(SERVER_SQL.shutOut(making));
  await server.run(SERVER_SQL.openDatabase(making, true));
}

/**
 * A template's objects belong to its owner, and become the tenant's. Who hands them over must be allowed to act as both: a role that exists for these
 * seconds only, in a database that no tenant has written to yet.
 */
async function fromTemplate(scope: Scope, server: ServerSession, work: MakingWork): Promise<void> {
  const { node } = work;
  const making = makingOf(node);
  const source = await templateDatabase(scope, server, node);
  const { role: renewer, password } = await makeMaker(scope, server, { node: node.id, making: "renew" });
  for (const role of [TEMPLATE_OWNER, node.spec.role]) await server.run(SERVER_SQL.letRoleActAs(renewer, role));
  // The hashing of the first password takes as long as the copying; side by side they take half.
  const [own] = await Promise.all([ownOf(work), copyOf(server, source, { making, owner: renewer })]);
  await begin(scope, server, node);
  await makeOwn({
    ...own,
    open: (mode) => insideMaking(scope, node, { role: renewer, password, mode }),
    handOver: { from: TEMPLATE_OWNER, to: node.spec.role },
  });
}

/**
 * What a tenant wrote is restored, and made the copy's own, by the role that will use it: whatever it runs, it may do nothing beside this database, which is
 * not its own. What it may change of itself is put right before anything else is done as that role.
 */
async function fromSnapshot(scope: Scope, server: ServerSession, work: MakingWork & { readonly plan: SnapshotPlan }): Promise<void> {
  const { node, context, plan } = work;
  const making = makingOf(node);
  const { role } = node.spec;
  const password = await credentialOf(node, context, "role-password");
  await makeEmptyDatabase(scope, server, { node: node.id, server: serverOf(node), database: making, role, making: "renew" });
  try {
    await fillFromSnapshot(scope, { node, context, plan, into: { database: making, role, password } });
  } finally {
    // A job that was ended leaves what it began in the server.
    await server.run(SERVER_SQL.endSessions(making));
  }
  await settleRole(server, node, password);
  await makeOwn({
    ...(await ownOf(work)),
    open: (mode) => insideMaking(scope, node, { role, password, mode }),
    handOver: { to: role },
  });
}

async function ownOf({ node, context }: MakingWork): Promise<Omit<CopyWork, "open" | "handOver">> {
  const { neutralised, mailTo } = node.spec;
  return {
    at: node.id,
    signal: context.signal,
    identity: await identityOf(node, context),
    apiKey: await ownKey(node, context),
    ...(neutralised ? { neutralise: factsOf(node).series } : {}),
    ...(mailTo === undefined ? {} : { mailTo }),
  };
}

function insideMaking(scope: Scope, node: Node, as: { role: string; password: string; mode: keyof typeof COPY_SETTINGS }) {
  const { role, password, mode } = as;
  const insider = { database: makingOf(node), role, password, settings: COPY_SETTINGS[mode] };
  return openInside(scope, { server: serverOf(node), at: node.id }, insider);
}

async function publish(
  scope: Scope,
  server: ServerSession,
  { node, chosen }: { node: Node; chosen: ChosenSource | undefined },
): Promise<void> {
  const making = makingOf(node);
  await server.run(SERVER_SQL.endSessions(making));
  await settleDatabase(server, { database: making, role: node.spec.role });
  const source = chosen === undefined ? {} : { [SOURCE_LABEL]: chosen.says };
  await server.run(SERVER_SQL.labelDatabase(making, { ...labelsOf(scope.owner, node), ...source }));
  for (const renewer of await makersOf(scope, server, node.id)) await removeRole(scope, server, renewer);
  await server.run(SERVER_SQL.renameDatabase(making, node.spec.name));
}

/** Nobody has business in a template: who came in although it is closed is sent away, and it is closed again. */
async function copyOf(server: ServerSession, template: string, to: { making: string; owner: string }): Promise<void> {
  const create = SERVER_SQL.createDatabase(to.making, { template, owner: to.owner });
  try {
    await server.run(create);
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problems[0]?.code !== "BAL-E009") throw error;
    await server.run(SERVER_SQL.openDatabase(template, false));
    await server.run(SERVER_SQL.endSessions(template));
    await server.run(create);
  }
}

async function templateDatabase(scope: Scope, server: ServerSession, node: Node): Promise<string> {
  const template = node.uses.find((edge) => edge.as === "clone")?.to;
  const found = (await databasesOf(server)).find((one) => template !== undefined && isOf(scope, one.labels, template));
  if (found === undefined) throw failure("BAL-E003", node.id, `the template ${template ?? "(none)"} is not on the server`);
  return found.database;
}
