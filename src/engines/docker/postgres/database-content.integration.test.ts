import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../../test/support/embedded-server.ts";
import type { SqlSession } from "../../../adapters/postgres/session.ts";
import { contentIn } from "./database-content.ts";

const KEY = "abcdefgh-and-more";
const PARAMETERS = [
  "CREATE TABLE ir_config_parameter (key varchar, value text)",
  "INSERT INTO ir_config_parameter VALUES ('web.base.url', 'https://acme.example')",
];
const KEYS = [
  "CREATE TABLE res_users_apikeys (name varchar, index varchar)",
  "INSERT INTO res_users_apikeys VALUES ('Ballast', 'abcdefgh')",
];

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(async () => {
  await server.stop();
});

/** What is read of a database of which the tables were made so. */
async function contentOf(name: string, statements: readonly string[]): Promise<unknown> {
  const client = new pg.Client(await server.database(name));
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
    await client.query("SET search_path TO pg_catalog, pg_temp");
    const session = {
      query: async (text: string, values: unknown[] = []) => (await client.query(text, values)).rows,
    } as unknown as SqlSession;
    return await contentIn(session, KEY);
  } finally {
    await client.end();
  }
}

test("whose a database is, is read from its address and its keys", async () => {
  expect(await contentOf("whole", [...PARAMETERS, ...KEYS])).toEqual({ missing: [], url: "https://acme.example", keyed: true });
  expect(await contentOf("foreign", [...PARAMETERS, ...KEYS, "DELETE FROM res_users_apikeys", "DELETE FROM ir_config_parameter"])).toEqual({
    missing: [],
    url: "none",
    keyed: false,
  });
});

test("a table that is missing, as in a database that is empty or restored by half, is told as missing", async () => {
  expect(await contentOf("half", PARAMETERS)).toEqual({ missing: ["res_users_apikeys"], url: "https://acme.example" });
  expect(await contentOf("empty", [])).toEqual({ missing: ["ir_config_parameter", "res_users_apikeys"] });
});
