import { randomBytes } from "node:crypto";
import { scramVerifier } from "../../../adapters/postgres/scram.ts";
import { quoteName, quoteText, type SqlSession } from "../../../adapters/postgres/session.ts";
import type { StackNode } from "../../../domain/stack/node.ts";
import { stackOf } from "../../../domain/stack/node.ts";
import { labelsOf } from "../labels.ts";
import type { Scope } from "../scope.ts";
import { labelDatabase, labelledDatabases, openServer, serverOf } from "../servers.ts";
import { assertInstalled } from "../template-modules.ts";
import { archiveRoom, isKept, keepArchive, keptArchive, templateKey } from "../template-store.ts";
import { dumpTemplate, installModules, restoreTemplate, type TemplateWork, warmAndSaveFiles } from "../template-work.ts";
import type { DockerKind } from "./kind.ts";

/** Owns everything inside templates and may never log in, except while one is made. */
export const TEMPLATE_OWNER = "ballast_template";

export const template: DockerKind<"template"> = {
  async realise(scope, node, { context }) {
    const image = await scope.image(node.spec.image, context.progress, context.signal);
    const key = templateKey(node.spec, image.imageId);
    const server = await openServer(scope, serverOf(node), "postgres", 600);
    try {
      const there = (await ofNode(server, node)) ?? (await ofFormer(server, context.formerly?.(node.id)));
      const kept = await isKept(keptArchive(scope, key));
      if (kept && there?.database === `template_${key}`) {
        await labelDatabase(server, there.database, labelsOf(scope.owner, node));
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
        await server.query(`ALTER ROLE ${TEMPLATE_OWNER} NOLOGIN PASSWORD NULL`);
      }
      return { did: there === undefined ? "created" : "updated", facts: { template: key, from: kept ? "archive" : "recipe" } };
    } finally {
      await server.end();
    }
  },
  async remove(scope, node) {
    const server = await openServer(scope, serverOf(node));
    try {
      const there = await ofNode(server, node);
      if (there !== undefined) await drop(server, there.database);
    } finally {
      await server.end();
    }
  },
};

async function ofNode(server: SqlSession, node: { readonly id: string }): Promise<{ database: string } | undefined> {
  return (await labelledDatabases(server)).find((one) => one.labels["ballast.node"] === node.id);
}

/** After a server's data moved to another name, its template still bears the former one. */
async function ofFormer(server: SqlSession, former: string | undefined): Promise<{ database: string } | undefined> {
  return former === undefined ? undefined : await ofNode(server, { id: former });
}

async function drop(server: SqlSession, database: string): Promise<void> {
  await server.query(`ALTER DATABASE ${quoteName(database)} IS_TEMPLATE false`);
  await server.query(`DROP DATABASE ${quoteName(database)} WITH (FORCE)`);
}

interface Beginning {
  readonly node: StackNode<"template">;
  readonly imageId: string;
  readonly key: string;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** An empty database under a name that nobody takes for a template, and a password for as long as the work lasts. */
async function beginWork(scope: Scope, server: SqlSession, beginning: Beginning): Promise<TemplateWork> {
  const { node, key, signal, progress } = beginning;
  const password = randomBytes(24).toString("hex");
  const [found] = await server.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [TEMPLATE_OWNER]);
  if (found === undefined) await server.query(`CREATE ROLE ${TEMPLATE_OWNER}`);
  await server.query(`ALTER ROLE ${TEMPLATE_OWNER} LOGIN PASSWORD ${quoteText(scramVerifier(password, randomBytes(16)))}`);
  const making = `making_${key}`;
  await server.query(`DROP DATABASE IF EXISTS ${quoteName(making)} WITH (FORCE)`);
  await server.query(
    `CREATE DATABASE ${quoteName(making)} OWNER ${TEMPLATE_OWNER} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'`,
  );
  const inside = await openServer(scope, serverOf(node), making);
  try {
    await inside.query("CREATE EXTENSION IF NOT EXISTS pg_trgm");
    await inside.query("CREATE EXTENSION IF NOT EXISTS unaccent");
  } finally {
    await inside.end();
  }
  const shared = { node, key, signal, progress, imageId: beginning.imageId, stack: stackOf(node.id), server: serverOf(node) };
  return { ...shared, database: making, role: TEMPLATE_OWNER, password };
}

async function makeNew(scope: Scope, work: TemplateWork): Promise<void> {
  const room = await archiveRoom(scope, work.key);
  work.progress(`installing ${work.node.spec.modules.join(", ") || "base"}`);
  await installModules(scope, work);
  await assertInstalled(scope, work);
  work.progress("rendering the first pages, so that no tenant has to");
  await warmAndSaveFiles(scope, work, room);
  work.progress("keeping the template for next time");
  await dumpTemplate(scope, work, room);
  await keepArchive(scope, room);
}

/** Makes the finished database the template of its node: closed to everybody, owned by nobody who logs in, labelled, renamed last. */
async function publish(
  scope: Scope,
  server: SqlSession,
  at: { node: StackNode<"template">; work: TemplateWork; old: string | undefined },
): Promise<void> {
  const making = quoteName(at.work.database);
  await server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [at.work.database]);
  await server.query(`ALTER DATABASE ${making} OWNER TO postgres`);
  await server.query(`REVOKE ALL ON DATABASE ${making} FROM PUBLIC`);
  await server.query(`ALTER DATABASE ${making} IS_TEMPLATE true ALLOW_CONNECTIONS false`);
  if (at.old !== undefined) await drop(server, at.old);
  await labelDatabase(server, at.work.database, labelsOf(scope.owner, at.node));
  await server.query(`ALTER DATABASE ${making} RENAME TO ${quoteName(`template_${at.work.key}`)}`);
}
