import { randomBytes, randomUUID } from "node:crypto";
import { scramVerifier } from "../../../adapters/postgres/scram.ts";
import { quoteName, quoteText, type SqlSession } from "../../../adapters/postgres/session.ts";
import { neutralising } from "../../../domain/odoo/neutralise.ts";
import { KEY_ROUNDS, passwordHash } from "../../../domain/odoo/password.ts";
import {
  adminPasswordStatement,
  apiKeyStatement,
  databaseSecretStatement,
  mailToStatements,
  onlyApiKeyStatements,
  rekeyStatements,
  type Statement,
} from "../../../domain/odoo/rekey.ts";
import { type SeriesFacts, seriesFacts } from "../../../domain/odoo/series.ts";
import { type NodeId, nameOf, type StackNode } from "../../../domain/stack/node.ts";
import { failure, ProblemError } from "../../../kernel/problem.ts";
import type { ApplyContext } from "../../engine.ts";
import { credentialOf } from "../credentials.ts";
import { declaredOf, labelsOf } from "../labels.ts";
import type { Scope } from "../scope.ts";
import { labelDatabase, labelledDatabases, openServer, serverOf } from "../servers.ts";
import type { DockerKind } from "./kind.ts";
import { TEMPLATE_OWNER } from "./template.ts";

type Node = StackNode<"database">;

export const database: DockerKind<"database"> = {
  async realise(scope, node, { context }) {
    const server = await openServer(scope, serverOf(node));
    try {
      await takeOverFormer(server, node, context.formerly?.(node.id));
      await haveRole(server, node, await credentialOf(node, context, "role-password"));
      const there = (await labelledDatabases(server)).find((one) => one.database === node.spec.name);
      if (there !== undefined) {
        const owners = [node.id, context.formerly?.(node.id)];
        if (!owners.includes(there.labels["ballast.node"]))
          throw failure("BAL-E006", node.id, `a database named ${node.spec.name} is not ours`);
        await tell(scope, node, await rotatedStatements(node, there.labels, context));
        await labelDatabase(server, node.spec.name, labelsOf(scope.owner, node));
        return { did: there.labels["ballast.spec"] === labelsOf(scope.owner, node)["ballast.spec"] ? "nothing" : "updated" };
      }
      await clone(scope, server, { node, context });
      return { did: "created", facts: { database: node.spec.name } };
    } finally {
      await server.end();
    }
  },
  async remove(scope, node) {
    const { name, role } = node.spec as Node["spec"];
    const server = await openServer(scope, serverOf(node));
    try {
      await server.query(`DROP DATABASE IF EXISTS ${quoteName(name)} WITH (FORCE)`);
      await server.query(`DROP DATABASE IF EXISTS ${quoteName(makingName(name))} WITH (FORCE)`);
      await server.query(`DROP ROLE IF EXISTS ${quoteName(role)}`);
    } finally {
      await server.end();
    }
  },
};

/** A database of the tenant's former name gets the new one, and so does its role; the label, which comes last, then says the new node. */
async function takeOverFormer(server: SqlSession, node: Node, former: NodeId | undefined): Promise<void> {
  if (former === undefined) return;
  const found = (await labelledDatabases(server)).find((one) => one.labels["ballast.node"] === former);
  if (found === undefined) return;
  const declared = declaredOf(found.labels)?.declared;
  const role = declared?.kind === "database" ? (declared.spec as Node["spec"]).role : undefined;
  if (found.database !== node.spec.name) {
    await server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [found.database]);
    await server.query(`ALTER DATABASE ${quoteName(found.database)} RENAME TO ${quoteName(node.spec.name)}`);
  }
  const [old] = role === undefined ? [] : await server.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [role]);
  if (role === undefined || old === undefined || role === node.spec.role) return;
  await server.query(`ALTER ROLE ${quoteName(role)} RENAME TO ${quoteName(node.spec.role)}`);
}

/** At most 63 characters for the longest name that a fleet can give, where PostgreSQL would cut. */
function makingName(name: string): string {
  return `new_${name}`;
}

/** The tenant's role: logs in, owns what is in its database, and can do nothing beside it. */
async function haveRole(server: SqlSession, node: Node, password: string): Promise<void> {
  const role = quoteName(node.spec.role);
  const [found] = await server.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [node.spec.role]);
  if (found === undefined) await server.query(`CREATE ROLE ${role}`);
  const verifier = quoteText(scramVerifier(password, randomBytes(16)));
  await server.query(
    `ALTER ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION CONNECTION LIMIT ${node.spec.connectionLimit} PASSWORD ${verifier}`,
  );
  for (const [setting, value] of Object.entries(node.spec.settings)) {
    await server.query(`ALTER ROLE ${role} SET ${quoteName(setting)} TO ${quoteText(value)}`);
  }
}

/** Clones under another name, gives the copy its own identity, and renames it as the last act: a database under its name is whole. */
async function clone(scope: Scope, server: SqlSession, work: { node: Node; context: ApplyContext }): Promise<void> {
  const { node, context } = work;
  const source = await templateDatabase(server, node);
  const making = makingName(node.spec.name);
  // The hashing of the first password takes as long as the cloning; side by side they take half.
  const [identity] = await Promise.all([
    identityStatements(node, context),
    (async () => {
      await server.query(`DROP DATABASE IF EXISTS ${quoteName(making)} WITH (FORCE)`);
      await copyOf(server, source, making);
    })(),
  ]);
  const inside = await openServer(scope, serverOf(node), making);
  try {
    await rekey(inside, node, identity);
  } finally {
    await inside.end();
  }
  await server.query(`REVOKE ALL ON DATABASE ${quoteName(making)} FROM PUBLIC`);
  await server.query(`GRANT CONNECT, TEMPORARY ON DATABASE ${quoteName(making)} TO ${quoteName(node.spec.role)}`);
  await labelDatabase(server, making, labelsOf(scope.owner, node));
  await server.query(`ALTER DATABASE ${quoteName(making)} RENAME TO ${quoteName(node.spec.name)}`);
}

/** Nobody has business in a template: who came in although it is closed is sent away, and it is closed again. */
async function copyOf(server: SqlSession, source: string, making: string): Promise<void> {
  const create = `CREATE DATABASE ${quoteName(making)} TEMPLATE ${quoteName(source)} OWNER postgres`;
  try {
    await server.query(create);
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problems[0]?.code !== "BAL-E009") throw error;
    await server.query(`ALTER DATABASE ${quoteName(source)} ALLOW_CONNECTIONS false`);
    await server.query("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", [source]);
    await server.query(create);
  }
}

/** What a living tenant must know follows its declaration: its URL, where reports call back, where mail goes that may not leave. Nothing else inside is touched. */
async function tell(scope: Scope, node: Node, rotated: readonly Statement[]): Promise<void> {
  const inside = await openServer(scope, serverOf(node), node.spec.name);
  try {
    const parameters = { "web.base.url": node.spec.baseUrl, "report.url": node.spec.reportUrl };
    for (const [key, value] of Object.entries(parameters)) {
      await inside.query("UPDATE ir_config_parameter SET value = $2 WHERE key = $1 AND value <> $2", [key, value]);
    }
    await run(inside, mailStatements(node));
    if (rotated.length > 0) await run(inside, [BEGIN, ...rotated, COMMIT]);
  } finally {
    await inside.end();
  }
}

const BEGIN: Statement = { text: "BEGIN", values: [] };
const COMMIT: Statement = { text: "COMMIT", values: [] };

/** What a living database must be told of credentials that were rotated since its label was written: that is written last, so nothing is left out. */
async function rotatedStatements(
  node: Node,
  labels: Readonly<Record<string, string>>,
  context: ApplyContext,
): Promise<readonly Statement[]> {
  const before = declaredOf(labels)?.declared;
  const known = before?.uses ?? [];
  const isNew = (purpose: "admin-password" | "api-key") => {
    const edge = node.uses.find((use) => use.as === "credential" && nameOf(use.to) === purpose);
    return edge?.generation !== undefined && known.find((use) => use.to === edge.to)?.generation !== edge.generation;
  };
  const statements: Statement[] = [];
  if (isNew("admin-password")) {
    const password = await credentialOf(node, context, "admin-password");
    statements.push(adminPasswordStatement(await passwordHash(password, randomBytes(16), factsOf(node).passwords.personRounds)));
  }
  if (isNew("api-key")) statements.push(...onlyApiKeyStatements(await ownKey(node, context)));
  const { secretGeneration } = node.spec;
  if (secretGeneration !== undefined && (before?.spec as Node["spec"] | undefined)?.secretGeneration !== secretGeneration)
    statements.push(databaseSecretStatement(randomUUID()));
  return statements;
}

async function ownKey(node: Node, context: ApplyContext): Promise<{ name: string; key: string; keyHash: string }> {
  const key = await credentialOf(node, context, "api-key");
  return { name: "Ballast", key, keyHash: await passwordHash(key, randomBytes(16), KEY_ROUNDS) };
}

function mailStatements({ spec }: Node): readonly Statement[] {
  return spec.mailTo === undefined ? [] : mailToStatements(spec.mailTo);
}

async function templateDatabase(server: SqlSession, node: Node): Promise<string> {
  const template = node.uses.find((edge) => edge.as === "clone")?.to;
  const found = (await labelledDatabases(server)).find((one) => one.labels["ballast.node"] === template);
  if (found === undefined) throw failure("BAL-E003", node.id, `the template ${template ?? "(none)"} is not on the server`);
  return found.database;
}

function factsOf(node: Node): SeriesFacts {
  const facts = seriesFacts(node.spec.series);
  if (facts === undefined) throw failure("BAL-E001", node.id, `Odoo ${node.spec.series} is not a series that can be run`);
  return facts;
}

async function identityStatements(node: Node, context: ApplyContext): Promise<readonly Statement[]> {
  const adminPassword = await credentialOf(node, context, "admin-password");
  return [
    ...rekeyStatements({
      databaseSecret: randomUUID(),
      databaseUuid: randomUUID(),
      baseUrl: node.spec.baseUrl,
      reportUrl: node.spec.reportUrl,
      adminLogin: node.spec.adminLogin,
      adminPasswordHash: await passwordHash(adminPassword, randomBytes(16), factsOf(node).passwords.personRounds),
      createdAt: new Date().toISOString().slice(0, 19).replace("T", " "),
    }),
    apiKeyStatement(await ownKey(node, context)),
  ];
}

async function rekey(inside: SqlSession, node: Node, identity: readonly Statement[]): Promise<void> {
  const role = quoteName(node.spec.role);
  await inside.query("BEGIN");
  await run(inside, [...identity, ...(node.spec.neutralised ? neutralising(factsOf(node).series) : []), ...mailStatements(node)]);
  // Everything in the copy belongs to the template's owner; the schema itself to whoever owns the database, and that is not the tenant.
  await inside.query(`REASSIGN OWNED BY ${quoteName(TEMPLATE_OWNER)} TO ${role}`);
  await inside.query(`ALTER SCHEMA public OWNER TO ${role}`);
  await inside.query("COMMIT");
}

async function run(inside: SqlSession, statements: readonly Statement[]): Promise<void> {
  for (const statement of statements) {
    if (await applies(inside, statement.where)) await inside.query(statement.text, statement.values);
  }
}

async function applies(inside: SqlSession, where: string | undefined): Promise<boolean> {
  if (where === undefined) return true;
  const [table, column] = where.split(".");
  const query =
    "SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass($1) AND ($2::text IS NULL OR attname = $2) AND NOT attisdropped LIMIT 1";
  return (await inside.query(query, [table, column ?? null])).length > 0;
}
