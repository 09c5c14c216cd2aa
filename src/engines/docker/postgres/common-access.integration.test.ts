import { appendFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../../test/support/embedded-server.ts";
import type { ServerSession } from "../../../adapters/postgres/superuser-session.ts";
import { LOOKUP_ROLE } from "../../../adapters/postgres/superuser-sql.ts";
import type { NodeId } from "../../../domain/stack/node.ts";
import { keepClosed, meetingIn } from "./common-access.ts";

const INSTANCE = "0a1b2c3d";
let server: TestServer;
let address: string;
let own: pg.Client;
let session: ServerSession;
const clients: pg.Client[] = [];

async function connected(user: string, database = "postgres"): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: address.replace("ballast@/common", `${user}@/${database}`) });
  client.on("error", () => undefined);
  clients.push(client);
  await client.connect();
  return client;
}

beforeAll(async () => {
  server = await testServer();
  address = await server.database("common");
  own = await connected("ballast");
  appendFileSync(join(server.folder, "server/data/pg_hba.conf"), "\nlocal all all trust\n");
  await own.query("SELECT pg_reload_conf()");
  session = { run: async ({ text, values }) => (await own.query(text, [...values])).rows as never, end: () => own.end() };
  for (const role of [LOOKUP_ROLE, "monitoring", "acme_production", "beta_production"]) await own.query(`CREATE ROLE ${role} LOGIN`);
  for (const role of ["acme_production", "beta_production"])
    await own.query(`COMMENT ON ROLE ${role} IS '{"ballast.instance":"${INSTANCE}","ballast.node":"x/production/database"}'`);
});
beforeEach(async () => {
  await own.query("GRANT ALL ON DATABASE postgres TO PUBLIC");
  await own.query("GRANT CONNECT ON DATABASE postgres TO monitoring");
});
afterAll(async () => {
  for (const client of clients) await client.end().catch(() => undefined);
  await server.stop();
});

const close = (...meeting: readonly string[]) => keepClosed(session, { instance: INSTANCE, meeting });
const isLetIn = (user: string, database?: string) =>
  connected(user, database).then(
    () => true,
    (error: Error) => error.message,
  );
const refused = (database: string) => `permission denied for database "${database}"`;

test("a server that an older version made is closed to all but the pooler, what an operator let in, and whose Odoo still meets there", async () => {
  expect(await close("acme_production")).toEqual(["every role could connect to the database postgres"]);
  const answers = await Promise.all([LOOKUP_ROLE, "monitoring", "acme_production", "beta_production"].map((role) => isLetIn(role)));
  expect(answers).toEqual([true, true, true, refused("postgres")]);
  expect(await isLetIn("acme_production", "template1")).toBe(refused("template1"));
  expect(await close("acme_production")).toEqual([]);
  // Its Odoo was recreated.
  expect(await close()).toEqual(["acme_production could connect to the database postgres"]);
  expect(await isLetIn("acme_production")).toBe(refused("postgres"));
});

test("who is in it without any right there is put out, and whoever has one stays", async () => {
  const [there, watching] = [await connected("beta_production"), await connected("monitoring")];
  const ended = new Promise((resolve) => there.once("error", resolve));
  await close();
  await ended;
  expect((await watching.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
});

test("nothing is written where nothing is otherwise", async () => {
  await close();
  const written = async () =>
    (await own.query("SELECT xmin::text FROM pg_database WHERE datname IN ('postgres', 'template1') ORDER BY datname")).rows;
  const before = await written();
  await close();
  expect(await written()).toEqual(before);
});

test("an Odoo of the same server that does not say where it meets, running or not, is one of an older version", () => {
  const odoo = (stack: string, to: NodeId, bus?: "own-database") => ({
    declared: {
      id: `${stack}/odoo` as const,
      kind: "odoo" as const,
      spec: { databaseRole: stack.replace("/", "_"), ...(bus === undefined ? {} : { bus }) },
      uses: [{ to, as: "sql" as const }],
      from: [],
    },
  });
  const nodes = [
    odoo("acme/production", "pool/one/pooler"),
    odoo("beta/production", "pool/one/postgres", "own-database"),
    odoo("gamma/production", "pool/two/pooler"),
  ] as unknown as Parameters<typeof meetingIn>[0];
  expect(meetingIn(nodes, "pool/one/postgres")).toEqual(["acme_production"]);
});
