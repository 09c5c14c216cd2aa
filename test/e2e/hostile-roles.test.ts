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

test("no tenant is let into a database that is everybody's", async () => {
  for (const database of ["postgres", "template1"])
    await expect(server.ask(tenant, "SELECT 1", database)).rejects.toThrow(`permission denied for database "${database}"`);
});

/** Sessions of the tenant that come again as soon as they are ended, each with the next of these statements in a transaction that stays open. */
function holding(statements: readonly string[]): { stop(): Promise<void> } {
  let over = false;
  let turn = 0;
  const one = async () => {
    while (!over) {
      const session = await server.session(tenant).catch(() => undefined);
      await session?.query(`BEGIN; ${statements[turn++ % statements.length]}; SELECT pg_sleep(20)`).catch(() => undefined);
      await session?.end().catch(() => undefined);
    }
  };
  const all = Array.from({ length: 8 }, one);
  return {
    async stop() {
      over = true;
      const end = () =>
        server.ask("superuser", `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'BEGIN; %pg_sleep(20)'`);
      await Promise.all([end(), Promise.all(all)]);
    },
  };
}

test("transactions that a tenant keeps open over what all databases share hold up neither the repair of the server nor its neighbours", async () => {
  const neighbour = server.database("near/production");
  const old = server.database("old/production");
  await server.realise(neighbour);
  await server.realise(old);
  const work = await server.session(neighbour);
  await work.query("BEGIN; CREATE TEMPORARY TABLE work (n int)");
  await server.ended();
  // Something that the repair has to put right: what is as it should be is not written.
  await server.ask("superuser", "GRANT CONNECT ON DATABASE template1 TO PUBLIC");
  const renamed = server.database("new/production");
  const holders = holding([
    "GRANT CONNECT ON DATABASE template1 TO PUBLIC",
    `ALTER ROLE CURRENT_USER IN DATABASE ${old.spec.name} SET work_mem TO '1MB'`,
    `ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO ${old.spec.role}`,
  ]);
  try {
    await expect
      .poll(async () => (await server.ask("superuser", "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'BEGIN; %pg_sleep(20)'")).length, {
        timeout: 10_000,
      })
      .toBeGreaterThan(3);
    await server.repair();
    const [row] = await server.ask("superuser", "SELECT has_database_privilege('public', 'template1', 'CONNECT') AS open");
    expect(row).toEqual({ open: false });
    await server.realise(server.database("come/production"));
    await server.realise(renamed, { formerly: old.id });
    await server.remove(renamed);
  } finally {
    await holders.stop();
  }
  const ended = await server.ended();
  expect(new Set(ended.map(({ role, database, held }) => `${role} in ${database}: ${held}`))).toEqual(
    new Set([`${tenant.spec.role} in ${tenant.spec.name}: change`]),
  );
  // Who is in nobody's way keeps its transaction.
  expect((await work.query("SELECT n FROM work")).rows).toEqual([]);
  await work.end();
  expect(await server.ask("superuser", "SELECT datname FROM pg_database WHERE datname ~ '^(old|new|come)_'")).toEqual([
    { datname: "come_production" },
  ]);
});
