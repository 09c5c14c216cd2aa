import { quoteName, type SqlSession } from "../../../adapters/postgres/session.ts";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import { nameOf, type StackNode } from "../../../domain/stack/node.ts";
import { ADOPTED } from "../../../domain/stack/observation.ts";
import { failure } from "../../../kernel/problem.ts";
import type { Vault } from "../../engine.ts";
import { labelsOf } from "../observe/labels.ts";
import type { Scope } from "../scope.ts";
import { haveRole } from "./database-role.ts";
import { makeMaker, makersOf } from "./maker-role.ts";
import { DATABASE_OWNER, settleDatabase, within } from "./own-database.ts";
import { removeRole } from "./role-removal.ts";
import { databasesOf, isOf, type LabelledDatabase, openInside, openServer, SOURCE_LABEL, serverOf } from "./servers.ts";

type Node = StackNode<"database">;

const SETTINGS = { search_path: "pg_catalog,pg_temp", lock_timeout: "5s" };

/** Of whom what is in a database is, where that is not the role whose it will be; what belongs to an extension is left out. */
const OTHERS = `WITH others AS (
    SELECT c.relowner AS owner, c.relname::text AS name, c.relnamespace AS space, 'pg_catalog.pg_class'::pg_catalog.regclass AS class, c.oid
    FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'p', 'S', 'v', 'm')
    UNION ALL
    SELECT p.proowner, p.proname::text, p.pronamespace, 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid FROM pg_catalog.pg_proc p)
  SELECT pg_catalog.pg_get_userbyid(o.owner)::text AS owner, pg_catalog.count(*)::int AS count, pg_catalog.min(n.nspname || '.' || o.name) AS example
  FROM others o JOIN pg_catalog.pg_namespace n ON n.oid = o.space
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND o.owner <> (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = $1)
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = o.class AND d.objid = o.oid AND d.deptype = 'e')
  GROUP BY 1 ORDER BY 2 DESC LIMIT 1`;

const SCHEMA = "SELECT pg_catalog.pg_get_userbyid(nspowner)::text AS owner FROM pg_catalog.pg_namespace WHERE nspname = 'public'";

/**
 * Takes the database that stands under the name of a node for the node's own. Its server is told who may use it; what is in it is looked at as the
 * tenant's role, and not changed. The label comes last, and says that it must still be told what is the stack's own.
 */
export async function adoptDatabase(scope: Scope, node: Node, vault: Vault): Promise<string> {
  const server = await openServer(scope, serverOf(node));
  try {
    const databases = await databasesOf(server);
    const there = databases.find((one) => one.database === node.spec.name);
    if (there === undefined) throw failure("BAL-E052", node.id, `there is no database ${node.spec.name} on ${serverOf(node)}`);
    const ours = isOf(scope, there.labels, node.id);
    if (!ours && there.labels["ballast.instance"] !== undefined)
      throw failure("BAL-E006", node.id, `a database named ${node.spec.name} says that it is another node's or installation's`);
    await letIn(scope, server, { node, vault, there, databases });
    const source = there.labels[SOURCE_LABEL];
    const labels = { ...labelsOf(scope.owner, node), "ballast.spec": ADOPTED, ...(source === undefined ? {} : { [SOURCE_LABEL]: source }) };
    await server.run(SERVER_SQL.labelDatabase(node.spec.name, labels));
    return there.identity;
  } finally {
    await server.end();
  }
}

interface Adopting {
  readonly node: Node;
  readonly vault: Vault;
  readonly there: LabelledDatabase;
  /** All of the server. */
  readonly databases: readonly LabelledDatabase[];
}

/** The tenant's role and nobody else, once it is sure that what is in it is that role's. */
async function letIn(scope: Scope, server: ServerSession, { node, vault, there, databases }: Adopting): Promise<void> {
  const { name, role } = node.spec;
  const secret = node.uses.find((use) => use.as === "credential" && nameOf(use.to) === "role-password");
  if (secret === undefined) throw failure("BAL-E003", node.id, "names no role-password");
  const password = await vault.secret(secret.to);
  await haveRole(scope, server, { node, password, former: undefined, databases });
  await server.run(SERVER_SQL.openDatabase(name, true));
  await takeSchema(scope, server, { node, there });
  await settleDatabase(server, { database: name, role });
}

/**
 * The schema is its database owner's in a new database. Who hands it over owns the database for that moment: not the tenant's role, whose own sessions could
 * then do with the database what they like, but one that exists for this alone.
 */
async function takeSchema(scope: Scope, server: ServerSession, { node, there }: Pick<Adopting, "node" | "there">): Promise<void> {
  const { name, role } = node.spec;
  const left = await makersOf(scope, server, node.id);
  // A handing over that was interrupted left the role that existed for it as the owner.
  const owner = left.includes(there.owner) ? DATABASE_OWNER : there.owner;
  if (owner !== there.owner) await server.run(SERVER_SQL.ownDatabase(name, owner));
  for (const one of left) await removeRole(scope, server, one);
  const maker = await makeMaker(scope, server, { node: node.id, making: "renew" });
  await server.run(SERVER_SQL.letRoleActAs(maker.role, role));
  await server.run(SERVER_SQL.ownDatabase(name, maker.role));
  try {
    const insider = { database: name, ...maker, settings: SETTINGS, seconds: 20 };
    await within(await openInside(scope, { server: serverOf(node), at: node.id }, insider), (inside) => handOver(inside, node));
  } finally {
    await server.run(SERVER_SQL.ownDatabase(name, owner));
    await removeRole(scope, server, maker.role);
  }
}

/** What is another role's could not be read or changed by Odoo, and would run with that role's rights: with such, nothing is taken. */
async function handOver(inside: SqlSession, { id, spec: { name, role } }: Node): Promise<void> {
  const [other] = await inside.query<{ owner: string; count: number; example: string }>(OTHERS, [role]);
  const [schema] = await inside.query<{ owner: string }>(SCHEMA);
  const odd = ["pg_database_owner", role].includes(schema?.owner ?? "")
    ? undefined
    : { owner: schema?.owner ?? "nobody", count: 1, example: "the schema public" };
  const { owner, count, example } = other ?? odd ?? {};
  if (owner === undefined) {
    if (schema?.owner !== role) await inside.query(`ALTER SCHEMA public OWNER TO ${quoteName(role)}`);
    return;
  }
  const message = `cannot be adopted: ${count} of what is in it, such as ${example}, belongs to the role ${owner} and not to ${role}`;
  const hint = `restore it again as its role: DROP DATABASE ${name}; CREATE DATABASE ${name} OWNER ${role}; pg_restore --no-owner --role=${role} -d ${name} FILE`;
  throw failure("BAL-E052", id, message, { hint });
}
