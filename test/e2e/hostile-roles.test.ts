import { afterAll, beforeAll, expect, test } from "vitest";
import type { StackNode } from "../../src/domain/stack/node.ts";
import { type BareServer, bareServer } from "../support/bare-server.ts";

/** What one tenant does to the roles of others on the same server. */
let server: BareServer;
let tenant: StackNode<"database">;

const plant = (statements: readonly string[]) => server.plant(tenant, statements);

beforeAll(async () => {
  server = await bareServer("hostile-roles");
  tenant = server.database("acme/production");
  await server.realise(tenant);
}, 600_000);
afterAll(async () => {
  await server.close();
}, 120_000);

test("what a tenant makes depend on the roles of others keeps nobody from being made or removed", async () => {
  const third = server.database("third/production");
  await server.realise(third);
  await plant([
    "CREATE TABLE bait (id int)",
    `GRANT SELECT ON bait TO ${third.spec.role}`,
    `ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO ${third.spec.role}`,
  ]);
  await server.remove(third);
  const roles = "SELECT rolname FROM pg_roles WHERE rolcanlogin AND (rolname = 'third_production' OR rolname LIKE '~%')";
  expect(await server.ask("superuser", roles)).toEqual([]);
  // Whatever role appears while a database is made, the tenant's grant is there first.
  const fourth = server.database("fourth/production");
  const poller = await server.session(tenant);
  let polling = true;
  const caught = new Set<string>();
  const polls = (async () => {
    while (polling) {
      const { rows } = await poller.query<{ name: string }>("SELECT rolname AS name FROM pg_roles WHERE rolname LIKE '~renew~%'");
      for (const { name } of rows) {
        await poller.query(`GRANT SELECT ON bait TO "${name}"`).then(
          () => caught.add(name),
          () => undefined,
        );
      }
    }
  })();
  try {
    await server.realise(fourth);
  } finally {
    polling = false;
    await polls;
    await poller.end();
  }
  expect(caught.size).toBe(1);
  expect(await server.ask(fourth, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  expect(await server.ask("superuser", roles)).toEqual([]);
  await plant([
    "DROP TABLE bait",
    `DO $$ DECLARE one name; BEGIN FOR one IN SELECT rolname FROM pg_roles WHERE rolname LIKE '~gone~%' LOOP
       EXECUTE format('ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM %I', one); END LOOP; END $$`,
  ]);
  await server.remove(fourth);
  expect(await server.ask("superuser", "SELECT rolname FROM pg_roles WHERE rolname LIKE '~%' OR rolname LIKE 'fourth%'")).toEqual([]);
});

test("nobody makes a large object in the database that all may connect to", async () => {
  await expect(server.ask(tenant, "SELECT lo_from_bytea(0, 'x')", "postgres")).rejects.toThrow(
    "permission denied for function lo_from_bytea",
  );
});
