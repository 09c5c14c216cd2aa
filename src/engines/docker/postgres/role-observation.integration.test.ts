import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../../test/support/embedded-server.ts";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import { describeEdit } from "../../../domain/stack/drift.ts";
import type { StackNode } from "../../../domain/stack/node.ts";
import { removeNode, writeNode } from "../container/files.ts";
import { labelsOf } from "../observe/labels.ts";
import type { Scope } from "../scope.ts";
import { nodesOn } from "./database-observation.ts";
import { haveRole } from "./database-role.ts";

const ROLE = "acme_production";
const SECRET = "acme/production/role-password";
const node: StackNode<"database"> = {
  id: "acme/production/database",
  kind: "database",
  spec: { name: ROLE, role: ROLE, connectionLimit: 7, settings: { temp_file_limit: "4GB" } } as never,
  uses: [{ to: SECRET, as: "credential" }],
  from: [],
};

let folder: string;
let scope: Scope;
let server: TestServer;
let client: pg.Client;
let session: ServerSession;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ballast-roles-"));
  scope = { owner: { fleet: "nordwind", instance: "0a1b2c3d" }, paths: { volatile: folder, state: folder, cache: folder } } as Scope;
  server = await testServer();
  client = new pg.Client({ connectionString: await server.database("looks") });
  await client.connect();
  session = {
    run: async ({ text, values }) => {
      const result = await client.query(text, [...values]);
      return (Array.isArray(result) ? [] : result.rows) as never;
    },
    end: () => client.end(),
  };
  await client.query(`CREATE DATABASE ${ROLE}`);
  await session.run(SERVER_SQL.labelDatabase(ROLE, labelsOf(scope.owner, node)));
});
afterAll(async () => {
  await client.end();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await write("secret", 1);
  await have();
});

async function write(value: string, generation: number): Promise<void> {
  const secret = { id: SECRET, kind: "secret", spec: { purpose: "role-password", bytes: 24, generation }, uses: [], from: [] } as const;
  await writeNode(scope, folder, secret, { files: { value: `${value}\n` }, readers: "secret" });
}

const have = () => haveRole(scope, session, { node, former: undefined, password: "secret", databases: [] });

async function look(): Promise<readonly string[]> {
  const { nodes } = await nodesOn(scope, session, { server: "pool/shared/postgres", stack: undefined });
  expect(nodes).toMatchObject([{ condition: "serving" }]);
  expect(JSON.stringify(nodes)).not.toMatch(/SCRAM|secret"|hunter2/);
  return (nodes[0]?.edits ?? []).map(describeEdit);
}

async function asTenant(statement: string): Promise<void> {
  await client.query(`SET ROLE ${ROLE}`);
  try {
    await client.query(statement);
  } finally {
    await client.query("RESET ROLE");
  }
}

async function verifier(): Promise<unknown> {
  return (await client.query("SELECT rolpassword FROM pg_authid WHERE rolname = $1", [ROLE])).rows[0];
}

test("a role as it was given has no edits, and is given it again without another verifier", async () => {
  expect(await look()).toEqual([]);
  const before = await verifier();
  await have();
  expect(await verifier()).toEqual(before);
});

const BY_TENANT: readonly (readonly [string, readonly string[]])[] = [
  [`ALTER ROLE ${ROLE} PASSWORD 'hunter2'`, ["password of the role as given → another"]],
  [`ALTER ROLE ${ROLE} PASSWORD NULL`, ["password of the role as given → another"]],
  [`ALTER ROLE ${ROLE} SET statement_timeout = 1`, ["setting statement_timeout none → set"]],
  [`ALTER ROLE ${ROLE} SET search_path = nowhere`, ["setting search_path none → set"]],
  [`ALTER ROLE ${ROLE} IN DATABASE ${ROLE} SET work_mem = '64kB'`, ["setting work_mem none → set"]],
  [`ALTER ROLE ${ROLE} IN DATABASE postgres SET application_name = 'hunter2'`, ["setting application_name none → set"]],
];
const BY_SUPERUSER: readonly (readonly [string, readonly string[]])[] = [
  [`ALTER ROLE ${ROLE} NOLOGIN`, ["role may log in true → false"]],
  [`ALTER ROLE ${ROLE} CONNECTION LIMIT 0`, ["connectionLimit 7 → 0"]],
  [`ALTER ROLE ${ROLE} CREATEDB CREATEROLE BYPASSRLS`, ["rights of the role none → CREATEDB, CREATEROLE, BYPASSRLS"]],
  [`ALTER ROLE ${ROLE} SUPERUSER REPLICATION`, ["rights of the role none → SUPERUSER, REPLICATION"]],
  [`ALTER ROLE ${ROLE} VALID UNTIL '2020-01-01'`, ["end of the role's password never → some day"]],
  [`ALTER ROLE ${ROLE} RESET temp_file_limit`, ["setting temp_file_limit 4GB → none"]],
  [`ALTER ROLE ${ROLE} SET temp_file_limit = '1MB'`, ["setting temp_file_limit 4GB → another value"]],
  [`ALTER DATABASE ${ROLE} SET search_path = nowhere`, ["setting search_path none → set"]],
  [`ALTER ROLE ${ROLE} RENAME TO acme_else`, [`role ${ROLE} → gone`]],
];

test.each([
  ...BY_TENANT.map(([statement, edits]) => ["the tenant", statement, edits, asTenant] as const),
  ...BY_SUPERUSER.map(([statement, edits]) => ["the superuser", statement, edits, (text: string) => client.query(text)] as const),
])("what %s changes by %s is seen, and put back", async (_who, statement, edits, change) => {
  const id = async () => (await client.query("SELECT oid FROM pg_roles WHERE rolname IN ($1, 'acme_else')", [ROLE])).rows;
  const before = await id();
  await change(statement);
  expect(await look()).toEqual(edits);
  await have();
  expect(await look()).toEqual([]);
  expect(await id()).toEqual(before);
});

test("many and long settings are read as far as is told of them", async () => {
  const names = Array.from({ length: 80 }, (_, at) => `a.b${at}`);
  for (const name of names) await client.query(`ALTER ROLE ${ROLE} SET ${name} = '${"x".repeat(5000)}'`);
  expect((await look()).at(-1)).toMatch(/^more settings of the role 0 → \d+$/);
  const rows = await session.run(SERVER_SQL.roleSettings());
  expect(JSON.stringify(rows).length).toBeLessThan(20_000);
  await have();
  expect(await look()).toEqual([]);
});

test("a password that is not written down, or only another generation of it, is compared with nothing", async () => {
  await write("the next one", 2);
  expect(await look()).toEqual([]);
  await removeNode(folder, SECRET);
  expect(await look()).toEqual([]);
});
