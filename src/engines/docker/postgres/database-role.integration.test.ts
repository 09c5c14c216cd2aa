import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../../test/support/embedded-server.ts";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import type { StackNode } from "../../../domain/stack/node.ts";
import { labelsOf } from "../observe/labels.ts";
import type { Scope } from "../scope.ts";
import { haveRole, renameFormerRole } from "./database-role.ts";
import type { LabelledDatabase } from "./servers.ts";

const scope = { owner: { fleet: "nordwind", instance: "0a1b2c3d" } } as Scope;
const ROLE = "acme_production";

function nodeOf(id: StackNode<"database">["id"], role = ROLE): StackNode<"database"> {
  return { id, kind: "database", spec: { name: role, role, connectionLimit: 7, settings: {} } as never, uses: [], from: [] };
}
const node = nodeOf("acme/production/database");
const former = nodeOf("old/production/database", "old_production");

function databaseOf(of: StackNode<"database">, instance = scope.owner.instance): LabelledDatabase {
  return {
    database: of.spec.name,
    owner: "postgres",
    identity: "1/1",
    open: true,
    invalid: false,
    labels: labelsOf({ ...scope.owner, instance }, of),
  };
}

let server: TestServer;
let client: pg.Client;
let session: ServerSession;

beforeAll(async () => {
  server = await testServer();
  client = new pg.Client({ connectionString: await server.database("roles") });
  await client.connect();
  session = {
    async run({ text, values }) {
      const result = await client.query(text, [...(values ?? [])]);
      return (Array.isArray(result) ? [] : result.rows) as never;
    },
    end: () => client.end(),
  };
});
afterAll(async () => {
  await client.end();
  await server.stop();
});
beforeEach(async () => {
  for (const role of [ROLE, "old_production"]) await session.run(SERVER_SQL.dropRole(role));
});

const have = (databases: readonly LabelledDatabase[] = [], formerly?: string) =>
  haveRole(scope, session, { node, former: formerly as typeof node.id | undefined, password: "secret", databases });

/** What PostgreSQL knows of a role: whose it is, whether it may log in with a password, and which transactions wrote it and its comment. */
async function known(role = ROLE) {
  const { rows } = await client.query<{ login: boolean; password: boolean; comment: string | null; once: boolean }>(
    `SELECT a.rolcanlogin AS login, a.rolpassword IS NOT NULL AS password, d.description AS comment, a.xmin = d.xmin AS once
     FROM pg_authid a LEFT JOIN pg_shdescription d ON d.objoid = a.oid WHERE a.rolname = $1`,
    [role],
  );
  const { comment, ...rest } = rows[0] ?? { comment: null };
  return { ...rest, of: (JSON.parse(comment ?? "{}") as Record<string, string>)["ballast.node"] };
}

test("a role that is made says in the same transaction whose it is, and is taken for that afterwards", async () => {
  await session.run(SERVER_SQL.createLabelledRole(ROLE, { "ballast.instance": scope.owner.instance, "ballast.node": node.id }));
  expect(await known()).toEqual({ login: false, password: false, once: true, of: node.id });
  await have();
  await have();
  expect(await known()).toMatchObject({ login: true, password: true, of: node.id });
});

test.each([
  ["says nothing", undefined],
  ["is another node's", { "ballast.instance": "0a1b2c3d", "ballast.node": "globex/production/database" }],
  ["is another installation's", { "ballast.instance": "ffffffff", "ballast.node": node.id }],
])("a role that %s is refused, and stays as it was", async (_how, labels) => {
  await session.run(SERVER_SQL.createRole(ROLE));
  if (labels !== undefined) await session.run(SERVER_SQL.labelRole(ROLE, labels));
  const before = await known();
  const strangers = [
    databaseOf(nodeOf("globex/production/database")),
    databaseOf(node, "ffffffff"),
    databaseOf(nodeOf(node.id, "another")),
  ];
  // What says whose it is needs no database that stands for it.
  await expect(have([...strangers, ...(labels === undefined ? [] : [databaseOf(node)])])).rejects.toThrow("BAL-E006");
  expect(await known()).toEqual(before);
});

test("a role of a build that labelled none is known by its node's database, or by that of its former name, unless it is privileged", async () => {
  await session.run(SERVER_SQL.createRole(ROLE));
  await have([databaseOf(node)]);
  expect(await known()).toMatchObject({ login: true, password: true, of: node.id });
  await session.run(SERVER_SQL.dropRole(ROLE));
  await session.run(SERVER_SQL.createRole(ROLE));
  await have([databaseOf(nodeOf(former.id))], former.id);
  expect(await known()).toMatchObject({ login: true, of: node.id });
  await session.run(SERVER_SQL.dropRole(ROLE));
  await client.query(`CREATE ROLE ${ROLE} CREATEROLE`);
  await expect(have([databaseOf(node)])).rejects.toThrow("BAL-E006");
});

test("the role of a former name is renamed with what it says; one that is somebody else's is not", async () => {
  await session.run(SERVER_SQL.createRole("old_production"));
  await renameFormerRole(scope, session, { node, former: former.id, found: databaseOf(former) });
  expect(await known()).toMatchObject({ once: true, of: node.id });
  await session.run(SERVER_SQL.createLabelledRole("old_production", { "ballast.instance": "ffffffff", "ballast.node": former.id }));
  await expect(renameFormerRole(scope, session, { node, former: former.id, found: databaseOf(former) })).rejects.toThrow("old_production");
});
