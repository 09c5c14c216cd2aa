import { appendFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../../test/support/embedded-server.ts";
import { indexInWorkers } from "../../../../test/support/index-in-workers.ts";
import type { BlockerRow } from "../../../adapters/postgres/superuser-lock-sql.ts";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import type { Scope } from "../scope.ts";
import { dropDatabase } from "./database-removal.ts";
import { removeRole } from "./role-removal.ts";
import { unheld } from "./unheld.ts";

const scope = { owner: { fleet: "nordwind", instance: "0a1b2c3d" } } as Scope;
/** What one tenant can hold of what all databases of a server share, from its own database alone, against what is done for itself and for its neighbour. */
let server: TestServer;
let connectionString: string;
let operator: pg.Client;
let session: ServerSession;
const ended: BlockerRow[] = [];
const open = new Set<pg.Client>();

async function connect(options: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(options);
  client.on("error", () => undefined);
  await client.connect();
  open.add(client);
  return client;
}

async function superuser(to = connectionString): Promise<ServerSession & { client: pg.Client }> {
  const client = await connect({ connectionString: to, options: "-c lock_timeout=5s" });
  return {
    client,
    pid: (client as unknown as { processID: number }).processID,
    async run({ text, values }) {
      const result = await client.query(text, [...values]);
      return (Array.isArray(result) ? [] : result.rows) as never;
    },
    end: async () => await client.end(),
  };
}

/** As a role without privileges, in a database of its own. */
async function tenant(name = "acme"): Promise<pg.Client> {
  return await connect({ connectionString: connectionString.replace("ballast@/postgres?", `${name}@/${name}?`) });
}

beforeAll(async () => {
  server = await testServer();
  connectionString = (await server.database("unused")).replace("/unused?", "/postgres?");
  operator = await connect({ connectionString });
  appendFileSync(join(server.folder, "server", "data", "pg_hba.conf"), "local all all trust\n");
  await operator.query("SELECT pg_reload_conf()");
  session = unheld(await superuser(), { open: () => superuser(), ended: (one) => ended.push(one) });
});
beforeEach(async () => {
  ended.length = 0;
  for (const name of ["acme", "nova", "third_party"]) {
    await operator.query(`CREATE ROLE ${name} LOGIN`);
    await operator.query(`CREATE DATABASE ${name}`);
    await operator.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
    await operator.query(`GRANT CONNECT, TEMPORARY ON DATABASE ${name} TO ${name}`);
  }
  return async () => {
    const names = ["acme", "nova", "renamed", "third", "third_party"];
    for (const name of names) await operator.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    for (const name of names) await operator.query(`DROP ROLE IF EXISTS ${name}`);
  };
});
afterAll(async () => {
  await Promise.all([...open].map((client) => client.end().catch(() => undefined)));
  await server.stop();
});

const OWN_ROW = "ALTER ROLE CURRENT_USER PASSWORD 'another'";
const OWN_SETTING = "ALTER ROLE CURRENT_USER SET work_mem TO '1GB'";
const COMMON = "GRANT CONNECT ON DATABASE postgres TO PUBLIC";
const ITS_DATABASE = "GRANT CONNECT ON DATABASE acme TO PUBLIC";
const NEIGHBOURS_DATABASE = "ALTER ROLE CURRENT_USER IN DATABASE nova SET work_mem TO '1GB'";
const NEIGHBOURS_ROLE = "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO nova";

const CASES: readonly (readonly [string, string, (run: ServerSession) => Promise<unknown>])[] = [
  ["the rights on the common database", COMMON, (one) => one.run(SERVER_SQL.shutOut("postgres"))],
  ["its own role, which is rotated", OWN_ROW, (one) => one.run(SERVER_SQL.letRoleLogIn({ role: "acme", verifier: "x", connections: 3 }))],
  ["its own role, which is renamed", OWN_ROW, (one) => one.run(SERVER_SQL.renameLabelledRole("acme", "renamed", {}))],
  ["settings of its own role", OWN_SETTING, (one) => one.run(SERVER_SQL.setOnlyForRole("acme", { search_path: "public" }))],
  ["its own database, which is closed", ITS_DATABASE, (one) => one.run(SERVER_SQL.openDatabase("acme", false))],
  ["its own database, which is removed", ITS_DATABASE, (one) => dropDatabase(one, "acme")],
  ["its neighbour's database, which is renamed", NEIGHBOURS_DATABASE, (one) => one.run(SERVER_SQL.renameDatabase("nova", "renamed"))],
  ["its neighbour's database, which is removed", NEIGHBOURS_DATABASE, (one) => dropDatabase(one, "nova")],
  [
    "its neighbour's role, which is removed",
    NEIGHBOURS_ROLE,
    async (one) => {
      await dropDatabase(one, "nova");
      await one.run(SERVER_SQL.dropRole("nova"));
    },
  ],
];

test.each(CASES)("a tenant that keeps a transaction open over %s holds nobody up, and is named", async (_what, holds, change) => {
  const holder = await tenant();
  await holder.query(`BEGIN; ${holds}`);
  await change(session);
  expect(ended.map(({ role, database }) => `${role} in ${database}`)).toEqual(["acme in acme"]);
  await expect(holder.query("SELECT 1")).rejects.toThrow(/terminat|not queryable/i);
});

test("a worker of autovacuum that keeps a row of a role, and is not to be cancelled, holds nobody up and is named", async () => {
  const other = await testServer({ autovacuum_naptime: "1s" });
  try {
    const address = await other.database("acme");
    const own = await superuser(address);
    await own.client.query(`
      CREATE ROLE acme;
      CREATE FUNCTION public.hold() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        ALTER ROLE acme SET work_mem TO 1024;
        LOOP
          BEGIN PERFORM pg_catalog.pg_sleep(30); EXCEPTION WHEN query_canceled THEN NULL; END;
        END LOOP;
      END $$;
      ${indexInWorkers("PERFORM public.hold();")}`);
    const sleeping = "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND wait_event = 'PgSleep'";
    await expect.poll(async () => (await own.client.query(sleeping)).rowCount, { timeout: 60_000 }).toBe(1);
    const changing = unheld(await superuser(address), { open: () => superuser(address), ended: (one) => ended.push(one) });
    await changing.run(SERVER_SQL.setOnlyForRole("acme", { search_path: "public" }));
    expect(ended.map(({ role, database }) => `${role} in ${database}`)).toEqual(["autovacuum in acme"]);
  } finally {
    await other.stop();
  }
});

/** Sessions of one tenant that come again as soon as they are ended, each with the next of these statements. */
function hostile(statements: readonly string[], how: (statement: string) => string) {
  let over = false;
  let came = 0;
  const one = async () => {
    while (!over) {
      const client = await tenant().catch(() => undefined);
      const statement = statements[came++ % statements.length] ?? "";
      await client?.query(how(statement)).catch(() => undefined);
      await client?.end().catch(() => undefined);
      if (client !== undefined) open.delete(client);
    }
  };
  const all = Promise.all(Array.from({ length: 8 }, one));
  return {
    began: () => until(async () => came > 8 || (await waiting()) > 0),
    async stop() {
      over = true;
      await until(async () => {
        await operator.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'acme'");
        return await Promise.race([all.then(() => true), new Promise<boolean>((resolve) => setTimeout(resolve, 50, false))]);
      });
    },
  };
}

async function until(done: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await done()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("it did not come about in ten seconds");
}

/** What the server's start, and a neighbour that comes, is renamed and goes, write to what all databases share. */
async function changesOfNeighbours(): Promise<void> {
  for (const statement of SERVER_SQL.closeCommonDatabases()) await session.run(statement);
  await session.run(SERVER_SQL.createLabelledRole("third", { "ballast.node": "third/production/database" }));
  await session.run(SERVER_SQL.letRoleLogIn({ role: "third", verifier: "x", connections: 3 }));
  await session.run(SERVER_SQL.setOnlyForRole("third", { search_path: "public" }));
  await session.run(SERVER_SQL.createEmptyDatabase("third", "third"));
  await session.run(SERVER_SQL.letIn("third", "third", "use"));
  await session.run(SERVER_SQL.openDatabase("third", true));
  await session.run(SERVER_SQL.openDatabase("nova", false));
  await session.run(SERVER_SQL.endSessions("nova"));
  await session.run(SERVER_SQL.renameDatabase("nova", "renamed"));
  await session.run(SERVER_SQL.renameLabelledRole("nova", "renamed", {}));
  await session.run(SERVER_SQL.letRoleLogIn({ role: "acme", verifier: "x", connections: 30 }));
  await dropDatabase(session, "renamed");
  await removeRole(scope, session, "renamed");
}

const ANYTHING = [COMMON, OWN_ROW, OWN_SETTING, ITS_DATABASE, NEIGHBOURS_DATABASE, NEIGHBOURS_ROLE];

test.each<[string, (statement: string) => string]>([
  ["stay in a transaction", (statement) => `BEGIN; ${statement}; SELECT pg_sleep(60)`],
  ["write without end", (statement) => `BEGIN; ${statement}; COMMIT; `.repeat(300)],
])("nor do many sessions that come again as soon as they are ended, and %s", async (_what, how) => {
  const bystander = await tenant("third_party");
  await bystander.query("BEGIN; CREATE TEMPORARY TABLE work (n int); INSERT INTO work VALUES (1)");
  const holders = hostile(ANYTHING, how);
  try {
    await holders.began();
    await changesOfNeighbours();
  } finally {
    await holders.stop();
  }
  const { rows } = await operator.query("SELECT datname FROM pg_database WHERE datname IN ('third', 'nova', 'renamed')");
  expect(rows).toEqual([{ datname: "third" }]);
  expect(ended.filter(({ role, database }) => role !== "acme" || database !== "acme")).toEqual([]);
  // Whoever is in nobody's way goes on, with its transaction.
  expect((await bystander.query("SELECT n FROM work")).rows).toEqual([{ n: 1 }]);
  await bystander.end();
});

async function waiting(): Promise<number> {
  const found = await operator.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM pg_stat_activity WHERE usename = 'acme' AND wait_event_type = 'Lock'",
  );
  return found.rows[0]?.count ?? 0;
}

test("a statement that was overtaken by a tenant's write of the same row is run again", async () => {
  const holder = await tenant();
  await holder.query(`BEGIN; ${ITS_DATABASE}`);
  // Nobody can be ended here, however slow this is.
  const alone = unheld(await superuser(), { open: () => Promise.reject(new Error("no more sessions")), ended: (one) => ended.push(one) });
  const change = alone.run(SERVER_SQL.shutOut("acme"));
  const blocked = "SELECT 1 FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0";
  await until(async () => (await operator.query(blocked)).rows.length > 0);
  await holder.query("COMMIT");
  await change;
  expect(ended).toEqual([]);
});

test("an operator's transaction is waited for, and not ended", async () => {
  await operator.query("BEGIN; REVOKE ALL ON DATABASE postgres FROM PUBLIC");
  await expect(session.run(SERVER_SQL.shutOut("postgres"))).rejects.toMatchObject({
    code: "55P03",
    detail: expect.stringMatching(/^held by process \d+ of \w+ in postgres$/),
  });
  await operator.query("ROLLBACK");
  expect(ended).toEqual([]);
});
