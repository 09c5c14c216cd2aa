import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../../test/support/embedded-server.ts";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import type { Scope } from "../scope.ts";
import { makeMaker, makersOf } from "./maker-role.ts";
import { removeRole, sweepRoles } from "./role-removal.ts";

const scope = { owner: { fleet: "nordwind", instance: "0a1b2c3d" } } as Scope;

let server: TestServer;
let common: pg.Client;
/** In a database of its own, as the role `evil`. */
let evil: pg.Client;
let session: ServerSession;

async function connected(database: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

beforeAll(async () => {
  server = await testServer();
  common = await connected(await server.database("common"));
  session = {
    async run({ text, values }) {
      const result = await common.query(text, [...values]);
      return (Array.isArray(result) ? [] : result.rows) as never;
    },
    end: () => common.end(),
  };
  await common.query("CREATE ROLE evil LOGIN");
  evil = await connected(await server.database("evil"));
  await evil.query("GRANT CREATE ON SCHEMA public TO evil");
  await evil.query("SET SESSION AUTHORIZATION evil");
  await evil.query("CREATE TABLE bait (id int)");
});
afterAll(async () => {
  await evil.end();
  await common.end();
  await server.stop();
});

async function roles(): Promise<readonly { name: string; login: boolean; password: boolean; memberships: number }[]> {
  const { rows } = await common.query(
    `SELECT rolname AS name, rolcanlogin AS login, rolpassword IS NOT NULL AS password,
       (SELECT count(*)::int FROM pg_auth_members WHERE a.oid IN (member, roleid)) AS memberships
     FROM pg_authid a WHERE rolname !~ '^pg_' AND NOT rolsuper AND rolname <> 'evil' ORDER BY 1`,
  );
  return rows;
}
const retired = { name: expect.stringMatching(/^~gone~[0-9a-f]{32}$/), login: false, password: false, memberships: 0 };

/** What any tenant may make depend on any role. */
const HELD: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["a grant", ["GRANT SELECT ON bait TO NAME"], ["REVOKE SELECT ON bait FROM NAME"]],
  [
    "a default privilege",
    ["ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO NAME"],
    ["ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM NAME"],
  ],
  ["a transaction that is open", ["BEGIN", "GRANT SELECT ON bait TO NAME"], ["ROLLBACK"]],
];

test.each(HELD)(
  "%s in another tenant's database keeps no role: it is nobody's any more, and goes once that is gone",
  async (_what, hold, free) => {
    await common.query("CREATE ROLE third_production LOGIN PASSWORD 'secret'; CREATE ROLE other; GRANT other TO third_production");
    await common.query("GRANT third_production TO evil");
    for (const text of hold) await evil.query(text.replace("NAME", "third_production"));
    expect(await removeRole(scope, session, "third_production")).toBe("retired");
    expect(await roles()).toEqual([{ name: "other", login: false, password: false, memberships: 0 }, retired]);
    // The name is free again, and the next one of that name is given nothing of it.
    await common.query("CREATE ROLE third_production");
    expect(await removeRole(scope, session, "third_production")).toBe("removed");
    await sweepRoles(scope, session);
    expect(await roles()).toHaveLength(2);
    const { name } = (await roles())[1] ?? { name: "" };
    for (const text of free) await evil.query(text.replace("NAME", `"${name}"`));
    await sweepRoles({ owner: { fleet: "nordwind", instance: "ffffffff" } }, session);
    expect(await roles()).toHaveLength(2);
    await sweepRoles(scope, session);
    expect((await roles()).map((one) => one.name)).toEqual(["other"]);
    await common.query("DROP ROLE other");
  },
);

test("what a role has in the database that is everybody's goes with it, and nobody makes more", async () => {
  await common.query("CREATE ROLE third_production; SET SESSION AUTHORIZATION third_production");
  await common.query("SELECT lo_from_bytea(0, 'x') FROM generate_series(1, 1200)");
  await common.query("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO evil");
  await common.query("RESET SESSION AUTHORIZATION");
  expect(await removeRole(scope, session, "third_production")).toBe("removed");
  expect((await common.query("SELECT 1 FROM pg_largeobject_metadata")).rows).toEqual([]);
  for (const statement of SERVER_SQL.closeCommonDatabases()) await session.run(statement);
  await common.query("SET SESSION AUTHORIZATION evil");
  for (const text of ["lo_create(0)", "lo_creat(-1)", "lo_from_bytea(0, 'x')", "lo_put(1, 0, 'x')", "lo_open(1, 131072)"])
    await expect(common.query(`SELECT ${text}`)).rejects.toThrow("permission denied for function");
  await common.query("RESET SESSION AUTHORIZATION");
});

test("a role that makes a database has another name each time, and is found by what it says", async () => {
  const of = { node: "acme/production/database" as const, making: "renew" as const };
  const [one, other] = [await makeMaker(scope, session, of), await makeMaker(scope, session, of)];
  expect(one.role).toMatch(/^~renew~[0-9a-f]{32}$/);
  expect(one.role).not.toBe(other.role);
  expect([...(await makersOf(scope, session, of.node))].sort()).toEqual([one.role, other.role].sort());
  expect(await makersOf(scope, session, "globex/production/database")).toEqual([]);
  await evil.query(`GRANT SELECT ON bait TO "${one.role}"`);
  await removeRole(scope, session, one.role);
  await removeRole(scope, session, other.role);
  expect(await makersOf(scope, session, of.node)).toEqual([]);
  expect(await roles()).toEqual([retired]);
});
