import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../../test/support/embedded-server.ts";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import type { StackNode } from "../../../domain/stack/node.ts";
import { temporaryName } from "../../../domain/stack/temporary-name.ts";
import { labelsOf } from "../observe/labels.ts";
import { giveName, nameBack } from "./database-name.ts";
import { nodesOn } from "./database-observation.ts";
import { databasesOf } from "./servers.ts";

const scope = { owner: { fleet: "nordwind", instance: "0a1b2c3d" }, paths: { volatile: "/nonexistent", state: "", cache: "" } };
const SERVER = "pool/shared/postgres";
const NAME = "acme_production";
const node: StackNode<"database"> = {
  id: "acme/production/database",
  kind: "database",
  spec: { name: NAME, role: NAME, connectionLimit: 7, settings: {} } as never,
  uses: [],
  from: [],
};

let server: TestServer;
let client: pg.Client;
let session: ServerSession;

beforeAll(async () => {
  server = await testServer();
  client = new pg.Client({ connectionString: await server.database("names") });
  await client.connect();
  session = {
    run: async ({ text, values }) => (await client.query(text, [...values])).rows as never,
    end: () => client.end(),
  };
});
afterAll(async () => {
  await client.end();
  await server.stop();
});
beforeEach(async () => {
  if ((await session.run(SERVER_SQL.role(NAME))).length === 0)
    await client.query(`CREATE ROLE ${NAME} LOGIN CONNECTION LIMIT ${node.spec.connectionLimit}`);
  for (const one of await databasesOf(session)) if (/acme/.test(one.database)) await session.run(SERVER_SQL.dropDatabase(one.database));
  await make(NAME);
});

async function make(name: string, labels: Readonly<Record<string, string>> = labelsOf(scope.owner, node)): Promise<void> {
  await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
  await session.run(SERVER_SQL.labelDatabase(name, labels));
}

/** What a look tells of the node, once or never. */
async function look() {
  const { nodes } = await nodesOn(scope, session, { server: SERVER, stack: undefined });
  return nodes.map(({ condition, because, edits, blocked, facts }) => ({
    condition,
    because,
    edits,
    blocked,
    identity: facts["identity"],
  }));
}

async function names(): Promise<readonly string[]> {
  return (await databasesOf(session))
    .map((one) => one.database)
    .filter((name) => /acme/.test(name))
    .sort();
}

const RENAMED = { condition: "failing", because: "is named acme_old instead of acme_production" };

test("a database that was renamed is seen as the one it is and as failing, and gets its name back with what is in it", async () => {
  const [before] = await look();
  expect(before).toMatchObject({ condition: "serving", edits: undefined });
  await client.query("ALTER DATABASE acme_production RENAME TO acme_old");
  expect(await look()).toEqual([
    {
      ...RENAMED,
      edits: [{ field: "name", made: NAME, found: "acme_old", repair: "live" }],
      blocked: undefined,
      identity: before?.identity,
    },
  ]);
  await nameBack(scope, session, node);
  expect(await names()).toEqual([NAME]);
  // Closed while it is renamed: a kill between the two is seen as well.
  expect(await look()).toMatchObject([{ condition: "failing", because: "accepts no connections", identity: before?.identity }]);
  await session.run(SERVER_SQL.openDatabase(NAME, true));
  expect(await look()).toEqual([before]);
});

test("where another database has the name now, nothing is renamed, closed or overwritten", async () => {
  await client.query("ALTER DATABASE acme_production RENAME TO acme_old");
  await client.query("CREATE DATABASE acme_production");
  expect(await look()).toMatchObject([{ ...RENAMED, blocked: expect.stringContaining("another database stands under its name") }]);
  const before = await databasesOf(session);
  await expect(nameBack(scope, session, node)).rejects.toThrow("BAL-E006");
  expect(await databasesOf(session)).toEqual(before);
});

test("one that only bears the label beside the database with the name is not taken for it; of two without the name none is", async () => {
  await make("acme_copy");
  expect(await look()).toMatchObject([{ condition: "serving" }]);
  await nameBack(scope, session, node);
  expect(await names()).toEqual(["acme_copy", NAME]);
  await client.query("ALTER DATABASE acme_production RENAME TO acme_old");
  await expect(nameBack(scope, session, node)).rejects.toThrow("several databases say that they are this one");
  expect(await names()).toEqual(["acme_copy", "acme_old"]);
});

test("one in the making is neither seen nor named, and a former one whose new name is taken stays open", async () => {
  const making = temporaryName("new", NAME);
  await client.query(`ALTER DATABASE acme_production RENAME TO ${pg.escapeIdentifier(making)}`);
  expect(await look()).toEqual([]);
  await nameBack(scope, session, node);
  expect(await names()).toEqual([making]);
  await make("acme_former");
  await client.query("CREATE DATABASE acme_production");
  const databases = await databasesOf(session);
  const found = databases.find((one) => one.database === "acme_former");
  if (found === undefined) throw new Error("not made");
  await expect(giveName(session, { node, found, databases })).rejects.toThrow("BAL-E006");
  expect((await databasesOf(session)).find((one) => one.database === "acme_former")?.open).toBe(true);
});
