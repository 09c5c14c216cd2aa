import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import type { ServerSession } from "../../adapters/postgres/superuser-session.ts";
import { noNames, sightOf } from "./shared-servers.ts";

let server: TestServer;
let address: string;
const clients: pg.Client[] = [];

async function connected(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: address });
  clients.push(client);
  await client.connect();
  return client;
}

beforeAll(async () => {
  server = await testServer();
  address = await server.database("bus");
});
afterAll(async () => {
  for (const client of clients) await client.end();
  await server.stop();
});

test("a look tells who has a transaction open and who sent notifications last, and nothing of what they said", async () => {
  const own = await connected();
  const session: ServerSession = {
    run: async ({ text, values }) => (await own.query(text, [...values])).rows as never,
    end: () => own.end(),
  };
  const [waiting, sending, calling, reading] = [await connected(), await connected(), await connected(), await connected()];
  await waiting.query("BEGIN; SELECT 'notify' AS word");
  await sending.query(" NOTIFY bus, 'a secret'");
  await calling.query("SELECT 1 FROM (SELECT pg_notify('bus', 'a secret')) AS sent");
  await reading.query("SELECT 1");
  const { rows } = await own.query<{ now: number }>("SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now");
  const sight = await sightOf(session, noNames());
  const told = sight.sessions.map(({ idleInTransaction, transactionSince, sentAt }) => ({
    idleInTransaction,
    open: transactionSince !== undefined,
    sent: sentAt !== undefined && sentAt <= (rows[0]?.now ?? 0),
  }));
  expect(told.toSorted((a, b) => Number(a.sent) - Number(b.sent))).toEqual([
    { idleInTransaction: true, open: true, sent: false },
    { idleInTransaction: false, open: false, sent: true },
    { idleInTransaction: false, open: false, sent: true },
  ]);
  expect(JSON.stringify(sight)).not.toContain("secret");
});
