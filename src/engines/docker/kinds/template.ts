import { randomBytes } from "node:crypto";
import { COPY_SETTINGS } from "../../../adapters/postgres/own-copy.ts";
import { scramVerifier } from "../../../adapters/postgres/scram.ts";
import type { SqlSession } from "../../../adapters/postgres/session.ts";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL, TEMPLATE_OWNER } from "../../../adapters/postgres/superuser-sql.ts";
import type { StackNode } from "../../../domain/stack/node.ts";
import { stackOf } from "../../../domain/stack/node.ts";
import { temporaryName } from "../../../domain/stack/temporary-name.ts";
import { failure } from "../../../kernel/problem.ts";
import { labelsOf } from "../observe/labels.ts";
import { dropDatabase } from "../postgres/database-removal.ts";
import { MAKING_LABEL, makersOf } from "../postgres/maker-role.ts";
import { makeEmptyDatabase, within } from "../postgres/own-database.ts";
import { removeRole, sweepRoles } from "../postgres/role-removal.ts";
import { databasesOf, isOf, type LabelledDatabase, openInside, openServer, serverOf } from "../postgres/servers.ts";
import { assertInstalled } from "../postgres/template-modules.ts";
import { archiveRoom, isKept, keepArchive, keptArchive, templateKey } from "../postgres/template-store.ts";
import { dumpTemplate, installModules, restoreTemplate, type TemplateWork, warmAndSaveFiles } from "../postgres/template-work.ts";
import type { Scope } from "../scope.ts";
import type { DockerKind } from "./kind.ts";

export const template: DockerKind<"template"> = {
  async realise(scope, node, { context }) {
    const image = await scope.image(node.spec.image, context.progress, context.signal);
    const key = templateKey(node.spec, image.imageId);
    const server = await openServer(scope, serverOf(node), 600);
    try {
      const there = (await ofNode(scope, server, node.id)) ?? (await ofNode(scope, server, context.formerly?.(node.id)));
      const kept = await isKept(keptArchive(scope, key));
      if (kept && there?.database === `template_${key}`) {
        await server.run(SERVER_SQL.labelDatabase(there.database, labelsOf(scope.owner, node)));
        return { did: "nothing" };
      }
      const work = await beginWork(scope, server, {
        node,
        imageId: image.imageId,
        key,
        signal: context.signal,
        progress: context.progress,
      });
      try {
        await (kept ? restoreTemplate(scope, work) : makeNew(scope, work));
        await publish(scope, server, { node, work, old: there?.database });
      } finally {
        await server.run(SERVER_SQL.letNobodyLogIn(TEMPLATE_OWNER));
      }
      return { did: there === undefined ? "created" : "updated", facts: { template: key, from: kept ? "archive" : "recipe" } };
    } finally {
      await server.end();
    }
  },
  async remove(scope, node) {
    const server = await openServer(scope, serverOf(node));
    try {
      const there = await ofNode(scope, server, node.id);
      if (there !== undefined) await dropDatabase(server, there.database);
    } finally {
      await server.end();
    }
  },
};

/** The template of a node. After a server's data moved to another name, it still bears the former one. */
async function ofNode(scope: Scope, server: ServerSession, node: string | undefined): Promise<LabelledDatabase | undefined> {
  if (node === undefined) return undefined;
  return (await databasesOf(server)).find((one) => isOf(scope, one.labels, node));
}

interface Beginning {
  readonly node: StackNode<"template">;
  readonly imageId: string;
  readonly key: string;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** An empty database under a name that nobody takes for a template, and a password for as long as the work lasts. */
async function beginWork(scope: Scope, server: ServerSession, beginning: Beginning): Promise<TemplateWork> {
  const { node, key, signal, progress } = beginning;
  const password = randomBytes(24).toString("hex");
  const database = temporaryName("template", key);
  await clearAway(scope, server, { node, key });
  const [found] = await server.run(SERVER_SQL.role(TEMPLATE_OWNER));
  if (found === undefined) await server.run(SERVER_SQL.createRole(TEMPLATE_OWNER));
  await server.run(SERVER_SQL.letRoleLogIn({ role: TEMPLATE_OWNER, verifier: scramVerifier(password, randomBytes(16)), connections: -1 }));
  const shared = { node, key, signal, progress, imageId: beginning.imageId, stack: stackOf(node.id), server: serverOf(node) };
  const work = { ...shared, database, role: TEMPLATE_OWNER, password };
  await prepareEmpty(scope, server, work);
  return work;
}

/**
 * Readies the empty database for the owner of templates, who may build in it and does not own it: while a tenant is cloned, all that this role owns on
 * the server, databases too, goes to the tenant.
 */
async function prepareEmpty(scope: Scope, server: ServerSession, work: TemplateWork): Promise<void> {
  const { database } = work;
  await makeEmptyDatabase(scope, server, { node: work.node.id, server: work.server, database, role: TEMPLATE_OWNER, making: "template" });
  await inDatabase(scope, work, async (inside) => {
    for (const extension of ["pg_trgm", "unaccent"]) await inside.query(`CREATE EXTENSION IF NOT EXISTS ${extension} WITH SCHEMA public`);
  });
}

async function inDatabase(scope: Scope, work: TemplateWork, act: (inside: SqlSession) => Promise<unknown>): Promise<void> {
  const insider = { database: work.database, role: work.role, password: work.password, settings: COPY_SETTINGS.writing };
  await within(await openInside(scope, { server: work.server, at: work.node.id }, insider), act);
}

/** Removes what an interrupted making left, under the name of this version or of an older one, where it is provably ours. */
async function clearAway(scope: Scope, server: ServerSession, { node, key }: Pick<Beginning, "node" | "key">): Promise<void> {
  const making = temporaryName("template", key);
  const builders = [making, ...(await makersOf(scope, server, node.id))];
  for (const { database, owner, labels } of await databasesOf(server)) {
    if (database !== making && database !== `making_${key}`) continue;
    const begun = labels[MAKING_LABEL] === node.id && labels["ballast.instance"] === scope.owner.instance;
    if (begun || isOf(scope, labels, node.id) || builders.includes(owner) || owner === TEMPLATE_OWNER) await dropDatabase(server, database);
    else if (database === making) throw failure("BAL-E006", node.id, `a database named ${database} is not ours`);
  }
  for (const builder of builders) await removeRole(scope, server, builder);
  await sweepRoles(scope, server);
}

async function makeNew(scope: Scope, work: TemplateWork): Promise<void> {
  const room = await archiveRoom(scope, work.key);
  work.progress(`installing ${work.node.spec.modules.join(", ") || "base"}`);
  await installModules(scope, work);
  await inDatabase(scope, work, (inside) => assertInstalled(inside, work));
  work.progress("rendering the first pages, so that no tenant has to");
  await warmAndSaveFiles(scope, work, room);
  work.progress("keeping the template for next time");
  await dumpTemplate(scope, work, room);
  await keepArchive(scope, room);
}

/** Makes the finished database the template of its node: closed to everybody, owned by nobody who logs in, labelled, renamed last. */
async function publish(
  scope: Scope,
  server: ServerSession,
  at: { node: StackNode<"template">; work: TemplateWork; old: string | undefined },
): Promise<void> {
  const making = at.work.database;
  await server.run(SERVER_SQL.endSessions(making));
  await server.run(SERVER_SQL.shutOut(making, TEMPLATE_OWNER));
  await server.run(SERVER_SQL.markTemplate(making, true));
  await server.run(SERVER_SQL.openDatabase(making, false));
  if (at.old !== undefined) await dropDatabase(server, at.old);
  await server.run(SERVER_SQL.labelDatabase(making, labelsOf(scope.owner, at.node)));
  await server.run(SERVER_SQL.renameDatabase(making, `template_${at.work.key}`));
}
