import { utimesSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../../test/support/embedded-server.ts";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import type { Scope } from "../scope.ts";
import { sweepDatabases } from "./leftover-databases.ts";
import { makeMaker, makingLabels } from "./maker-role.ts";

const scope = { owner: { fleet: "nordwind", instance: "0a1b2c3d" } } as Scope;
const NODE = "acme/production/database";
const LONG_AGO = new Date(Date.now() - 3 * 3_600_000);

let server: TestServer;
let client: pg.Client;
let session: ServerSession;
let address: string;

beforeAll(async () => {
  server = await testServer();
  address = await server.database("common");
  client = new pg.Client({ connectionString: address });
  await client.connect();
  session = {
    async run({ text, values }) {
      const result = await client.query(text, [...values]);
      return (Array.isArray(result) ? [] : result.rows) as never;
    },
    end: () => client.end(),
  };
});
afterAll(async () => {
  await client.end();
  await server.stop();
});

/** As a making that was cut off leaves a database. */
async function leave(name: string, { owner, instance, old = true }: { owner?: string; instance?: string; old?: boolean }): Promise<void> {
  await client.query(`CREATE DATABASE "${name}"${owner === undefined ? "" : ` OWNER "${owner}"`}`);
  if (instance !== undefined)
    await session.run(SERVER_SQL.labelDatabase(name, makingLabels({ owner: { ...scope.owner, instance } }, NODE)));
  const { rows } = await client.query<{ oid: string }>("SELECT oid::text FROM pg_database WHERE datname = $1", [name]);
  if (old) utimesSync(join(server.folder, "server/data/base", rows[0]?.oid ?? "", "PG_VERSION"), LONG_AGO, LONG_AGO);
}

const temporary = async () =>
  (await client.query<{ name: string }>("SELECT datname AS name FROM pg_database WHERE datname LIKE '~%' ORDER BY 1")).rows.map(
    ({ name }) => name,
  );
const makers = async () => (await client.query("SELECT 1 FROM pg_roles WHERE rolname LIKE '~renew~%'")).rows.length;

test("what a making that was cut off left goes once nobody can be making it, by what it says or its owner does; nothing else does", async () => {
  const { role } = await makeMaker(scope, session, { node: NODE, making: "renew" });
  await leave("~new~labelled", { instance: "0a1b2c3d" });
  await client.query(`ALTER DATABASE "~new~labelled" IS_TEMPLATE true`);
  await leave("~new~of_its_maker", { owner: role });
  await leave("~new~young", { instance: "0a1b2c3d", old: false });
  await leave("~new~used", { instance: "0a1b2c3d" });
  await leave("~new~of_others", { instance: "ffffffff" });
  await leave("~new~of_nobody", {});
  await leave("acme_production", { instance: "0a1b2c3d" });
  const user = new pg.Client({ connectionString: address.replace("/common?", "/~new~used?") });
  await user.connect();
  expect([...(await sweepDatabases(scope, session))].sort()).toEqual(["~new~labelled", "~new~of_its_maker"]);
  expect(await temporary()).toEqual(["~new~of_nobody", "~new~of_others", "~new~used", "~new~young"]);
  expect(await makers()).toBe(0);
  await user.end();
  await expect.poll(async () => await sweepDatabases(scope, session)).toEqual(["~new~used"]);
  expect(await sweepDatabases(scope, session)).toEqual([]);
  expect((await client.query("SELECT 1 FROM pg_database WHERE datname = 'acme_production'")).rows).toHaveLength(1);
});
