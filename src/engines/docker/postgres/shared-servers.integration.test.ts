import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../../test/support/embedded-server.ts";
import { indexInWorkers } from "../../../../test/support/index-in-workers.ts";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { SERVER_SQL } from "../../../adapters/postgres/superuser-sql.ts";
import { fillersOfMembers, keepersOfNumbers, lookAt, namesAfterwards, whoWhere } from "./shared-servers.ts";

let server: TestServer;
let address: string;
const clients: pg.Client[] = [];

async function connected(to = address): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: to });
  // One that is ended says so.
  client.on("error", () => undefined);
  clients.push(client);
  await client.connect();
  return client;
}

async function watching(): Promise<ServerSession> {
  const own = await connected();
  return {
    run: async ({ text, values }) => (await own.query(text, [...values])).rows as never,
    end: () => own.end(),
  };
}

beforeAll(async () => {
  server = await testServer({ autovacuum_naptime: "1s" });
  address = await server.database("bus");
});
afterAll(async () => {
  for (const client of clients) await client.end().catch(() => undefined);
  await server.stop();
});

test("a look tells who has a transaction open, and nothing of what they said", async () => {
  const [waiting, reading, session] = [await connected(), await connected(), await watching()];
  await waiting.query("BEGIN; SELECT 'a secret' AS word");
  await reading.query("SELECT 1");
  const { observation } = await lookAt(session, new Set());
  expect(observation.sessions).toEqual([expect.objectContaining({ idleInTransaction: true, transactionSince: expect.any(Number) })]);
  expect(observation.senders).toBeUndefined();
  expect(JSON.stringify(observation)).not.toContain("secret");
  await waiting.query("ROLLBACK");
});

test("from which database what fills the queue came is read from the queue, also where a function sends it; nothing of what was sent is", async () => {
  const [own, session] = [await connected(), await watching()];
  const elsewhere = await connected(await server.database("quiet"));
  await own.query("LISTEN bus");
  await own.query("BEGIN");
  const sender = await connected();
  await sender.query(
    `CREATE FUNCTION public.tell(i int) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'SELECT pg_' || 'notify($1, $2)' USING 'bus', repeat('secret', 1300) || i; END $$`,
  );
  for (let round = 0; round < 10; round++) await sender.query(`SELECT public.tell(${round} * 1000 + i) FROM generate_series(1, 200) i`);
  await elsewhere.query("SELECT pg_notify('bus', 'a word')");
  const { rows } = await own.query<{ id: string }>("SELECT oid::text AS id FROM pg_database WHERE datname = 'bus'");
  const senders = await session.run(SERVER_SQL.senders());
  expect(senders).toEqual([{ database: rows[0]?.id, samples: expect.any(Number) }]);
  expect(senders[0]?.samples).toBeGreaterThan(10);
  await own.query("ROLLBACK");
});

test("who is found is called by the names of that moment, however often it was seen under others", async () => {
  const [own, session] = [await connected(), await watching()];
  const making = await server.database("~new~old_staging");
  await own.query("CREATE ROLE old_staging SUPERUSER");
  const { rows } = await own.query<{ role: string }>("SELECT oid::text AS role FROM pg_roles WHERE rolname = 'old_staging'");
  const role = rows[0]?.role ?? "";
  const seen = async (to: string) => {
    const client = await connected(to);
    await client.query("SELECT pg_advisory_lock(1)");
    const { observation, names, superusers } = await lookAt(session, new Set());
    await client.end();
    const { database } = observation.sessions.find((one) => one.locks > 0) ?? { database: "" };
    return { ...whoWhere({ role, database }, names), superuser: superusers.has(role) };
  };
  expect(await seen(making)).toEqual({ role: "old_staging", database: "~new~old_staging", superuser: true });
  await own.query("ALTER ROLE old_staging NOSUPERUSER");
  await own.query("ALTER ROLE old_staging RENAME TO new_staging");
  await own.query('ALTER DATABASE "~new~old_staging" RENAME TO new_staging');
  expect(await seen(making.replace("~new~old", "new"))).toEqual({ role: "new_staging", database: "new_staging", superuser: false });
});

test("a transaction that failed and is kept open is told, without a beginning", async () => {
  const [own, session] = [await connected(), await watching()];
  await own.query("BEGIN");
  await expect(own.query("SELECT 1/0")).rejects.toThrow("division by zero");
  const kept = async () => (await lookAt(session, new Set())).observation.sessions.filter((one) => one.idleInTransaction);
  expect(await kept()).toEqual([expect.objectContaining({ transactionSince: undefined, locks: 0 })]);
  await own.query("ROLLBACK");
  expect(await kept()).toEqual([]);
});

test("of each database it is told how many numbers of transactions it keeps, and who is in it, also who is idle", async () => {
  const [own, session] = [await connected(), await watching()];
  await own.query("CREATE TEMP TABLE kept (i int)");
  const { rows } = await own.query<{ id: string; pid: number }>(
    "SELECT oid::text AS id, pg_backend_pid() AS pid FROM pg_database WHERE datname = 'bus'",
  );
  const [{ id, pid } = { id: "", pid: 0 }] = rows;
  const age = async () => (await session.run(SERVER_SQL.numbers())).find((one) => one.database === id)?.age ?? 0;
  const before = await age();
  for (let n = 0; n < 5; n++) await own.query("SELECT pg_current_xact_id()");
  expect((await age()) - before).toBeGreaterThanOrEqual(5);
  const inside = await session.run(SERVER_SQL.sessionsIn(id));
  expect(inside.find((one) => one.pid === pid)).toMatchObject({ role: "10", database: id, state: "idle", began: null, worker: false });
  expect(await keepersOfNumbers(session, new Set())).toEqual([]);
  await own.query("DROP TABLE kept");
});

test("who locks a row together with others is told by what the server noted last, however many do so", async () => {
  const session = await watching();
  const own = await connected();
  await own.query("CREATE TABLE public.shared_row AS SELECT 1 AS i");
  const holders = await Promise.all(Array.from({ length: 8 }, () => connected()));
  for (const holder of holders) await holder.query("BEGIN; SELECT pg_current_xact_id(); SELECT 1 FROM public.shared_row FOR KEY SHARE");
  // Each round notes them all again, with one more.
  await own.query(`DO $$ BEGIN FOR n IN 1..40000 LOOP
    BEGIN PERFORM 1 FROM public.shared_row FOR NO KEY UPDATE; RAISE EXCEPTION 'again'; EXCEPTION WHEN raise_exception THEN NULL; END;
  END LOOP; END $$`);
  const pids = await Promise.all(
    holders.map(async (one) => (await one.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows[0]?.pid),
  );
  const [counted] = await session.run(SERVER_SQL.memberSegments());
  expect(counted?.segments).toBeGreaterThan(4);
  const found = await session.run(SERVER_SQL.memberHolders());
  expect(new Set(found.map(({ pid }) => pid))).toEqual(new Set(pids));
  expect(Math.min(...found.map(({ samples }) => samples))).toBeGreaterThan(20);
  expect(await fillersOfMembers(session, new Set())).toEqual([]);
  for (const holder of holders) await holder.query("ROLLBACK");
  expect(await session.run(SERVER_SQL.memberHolders())).toEqual([]);
  await own.query("DROP TABLE public.shared_row");
});

test("while the table of locks is full nobody is called by a name that was read before; once its holder is gone there are names again", async () => {
  const session = await watching();
  const holder = await connected();
  const open = await connected();
  await open.query("BEGIN; SELECT 1");
  const { superusers } = await lookAt(session, new Set());
  expect(superusers.size).toBe(1);
  const full = holder.query("SELECT count(pg_advisory_lock(i)) FROM generate_series(1, 1000000) i");
  await expect(full).rejects.toThrow("out of shared memory");
  const look = await lookAt(session, superusers);
  const found = look.observation.sessions.toSorted((a, b) => b.locks - a.locks)[0];
  if (found === undefined) throw new Error("who holds the table was not seen");
  expect([look.names, look.superusers, found.superuser]).toEqual([undefined, superusers, true]);
  expect(whoWhere(found, look.names)).toEqual({ role: `role ${found.role}`, database: `database ${found.database}` });
  const [names] = await Promise.all([namesAfterwards(session), holder.end()]);
  expect(whoWhere(found, names).database).toBe("bus");
});

test("a worker of autovacuum that runs a function of an index is told as one that computes, without a role, in its database", async () => {
  const [own, session] = [await connected(), await watching()];
  await own.query(indexInWorkers("PERFORM pg_catalog.pg_sleep(30);"));
  const { rows } = await own.query<{ id: string }>("SELECT oid::text AS id FROM pg_database WHERE datname = 'bus'");
  // Those of other databases have work too.
  const workers = async () =>
    (await lookAt(session, new Set())).observation.sessions.filter(({ computes, database }) => computes && database === rows[0]?.id);
  await expect.poll(async () => (await workers()).length, { timeout: 60_000 }).toBe(1);
  const [worker] = await workers();
  expect(worker).toMatchObject({ worker: true, role: undefined, database: rows[0]?.id, superuser: false });
  expect(worker?.transactionSince).toBeTypeOf("number");
  await session.run(SERVER_SQL.endSession(String(worker?.pid), "3000"));
  await own.query("DROP TABLE public.analysed");
  expect(await workers()).toEqual([]);
});
