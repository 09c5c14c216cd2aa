import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import { ProblemError } from "../../kernel/problem.ts";
import { COPY_SETTINGS, type CopyWork, makeOwn } from "./own-copy.ts";

/** The tables that a copy is made its own by, as far as that goes, with rows of the original. */
const ORIGINAL = [
  "CREATE TABLE ir_config_parameter (id serial, key varchar UNIQUE, value text)",
  "INSERT INTO ir_config_parameter (key, value) VALUES ('database.secret', 'of the original')",
  "CREATE TABLE res_users (id int PRIMARY KEY, login varchar UNIQUE, password varchar, active boolean)",
  "INSERT INTO res_users VALUES (2, 'boss', 'hash of boss', false), (7, 'admin', 'hash of another', true)",
  "CREATE TABLE res_users_apikeys (id serial, name varchar, user_id int, scope varchar, key varchar, index varchar, create_date timestamp)",
  "INSERT INTO res_users_apikeys (key) VALUES ('of the original')",
  "CREATE TABLE ir_model_data (model varchar, module varchar, name varchar, res_id int)",
  "INSERT INTO ir_model_data VALUES ('ir.cron', 'base', 'autovacuum_job', 1)",
  "CREATE TABLE ir_cron (id int, active boolean)",
  "INSERT INTO ir_cron VALUES (1, true), (2, true)",
  "CREATE TABLE ir_mail_server (name varchar, smtp_port int, smtp_host varchar, smtp_encryption varchar, smtp_authentication varchar, active boolean)",
  "INSERT INTO ir_mail_server VALUES ('real', 25, 'mail.example', 'none', 'login', true)",
];

let server: TestServer;
let address: string;
let count = 0;

beforeAll(async () => {
  server = await testServer();
  await as("superuser", ["CREATE ROLE tenant"], await server.database("roles"));
});
afterAll(async () => {
  await server.stop();
});
beforeEach(async () => {
  address = await server.database(`copy_${++count}`);
  await as("superuser", ["ALTER SCHEMA public OWNER TO tenant"]);
  await as("tenant", ORIGINAL);
});

async function connected(who: "tenant" | "superuser", at = address): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: at });
  await client.connect();
  // The store's server knows its own user only; that roles log in by themselves is tested where they do.
  if (who === "tenant") await client.query("SET SESSION AUTHORIZATION tenant");
  return client;
}

async function as(who: "tenant" | "superuser", statements: readonly string[], at = address): Promise<Record<string, unknown>[]> {
  const client = await connected(who, at);
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) rows = (await client.query<Record<string, unknown>>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

function work(who: "tenant" | "superuser" = "tenant"): CopyWork {
  return {
    at: "acme/production~journey/database",
    async open(mode) {
      const client = await connected(who);
      for (const [name, value] of Object.entries(COPY_SETTINGS[mode]))
        await client.query("SELECT set_config($1, $2, false)", [name, value]);
      return {
        query: async (text, values = []) => (await client.query(text, [...values])).rows as never,
        end: () => client.end(),
      };
    },
    identity: {
      databaseSecret: "its own",
      databaseUuid: "uuid",
      baseUrl: "https://a",
      reportUrl: "http://b",
      adminLogin: "admin",
      adminPasswordHash: "new hash",
      createdAt: "2026-11-27 04:00:00",
      dailyShift: 50,
    },
    apiKey: { name: "Ballast", key: "0123456789", keyHash: "hash of the key" },
    neutralise: "19.0",
  };
}

async function refusal(of: Promise<unknown>): Promise<string> {
  const error = await of.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof ProblemError ? `${error.problems[0]?.code} ${error.problems[0]?.message}` : String(error);
}

test("a copy gets an identity of its own, loses what it inherited, and acts on nobody outside", async () => {
  await makeOwn(work());
  expect(await as("tenant", ["SELECT value FROM ir_config_parameter WHERE key = 'database.secret'"])).toEqual([{ value: "its own" }]);
  expect(await as("tenant", ["SELECT * FROM res_users ORDER BY id"])).toEqual([
    { id: 2, login: "admin", password: "new hash", active: true },
    { id: 7, login: "admin~7", password: null, active: true },
  ]);
  expect(await as("tenant", ["SELECT key FROM res_users_apikeys"])).toEqual([{ key: "hash of the key" }]);
  expect(await as("tenant", ["SELECT id FROM ir_cron WHERE active"])).toEqual([{ id: 1 }]);
  expect(await as("tenant", ["SELECT name FROM ir_mail_server WHERE active"])).toEqual([{ name: "neutralised" }]);
});

test("what runs daily, or more rarely, is moved within its hour; what runs more often stays", async () => {
  await as("tenant", [
    "ALTER TABLE ir_cron ADD interval_number int, ADD interval_type varchar, ADD nextcall timestamp",
    "DELETE FROM ir_cron",
    `INSERT INTO ir_cron VALUES (1, true, 1, 'days', '2026-11-28 02:20:07'), (2, true, 1, 'weeks', '2026-12-01 23:05:00'),
       (3, false, 1, 'months', '2026-12-31 23:59:59'), (4, true, 24, 'hours', '2026-11-28 02:00:00.5'),
       (5, true, 1, 'hours', '2026-11-27 05:20:00'), (6, true, 10, 'minutes', '2026-11-27 04:10:00'), (7, true, 1, 'days', NULL)`,
  ]);
  await makeOwn(work());
  const rows = await as("tenant", ["SELECT id, nextcall::text AS at FROM ir_cron ORDER BY id"]);
  expect(rows.map(({ at }) => at)).toEqual([
    "2026-11-28 02:10:07",
    "2026-12-01 23:55:00",
    "2026-12-31 23:49:59",
    "2026-11-28 02:50:00.5",
    "2026-11-27 05:20:00",
    "2026-11-27 04:10:00",
    null,
  ]);
});

test("triggers and rules that undo what is written are off meanwhile, and afterwards as they were", async () => {
  await as("tenant", [
    "CREATE FUNCTION stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.active := true; RETURN NEW; END $$",
    "CREATE TRIGGER stay BEFORE UPDATE ON ir_mail_server FOR EACH ROW EXECUTE FUNCTION stay()",
    "ALTER TABLE ir_mail_server ENABLE ALWAYS TRIGGER stay",
    "CREATE TRIGGER slept BEFORE UPDATE ON ir_cron FOR EACH ROW EXECUTE FUNCTION stay()",
    "ALTER TABLE ir_cron DISABLE TRIGGER slept",
    "CREATE RULE keep AS ON DELETE TO res_users_apikeys DO INSTEAD NOTHING",
  ]);
  await makeOwn(work());
  expect(await as("tenant", ["SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"])).toEqual([
    { tgname: "slept", tgenabled: "D" },
    { tgname: "stay", tgenabled: "A" },
  ]);
  expect(await as("tenant", ["SELECT ev_enabled FROM pg_rewrite WHERE rulename = 'keep'"])).toEqual([{ ev_enabled: "O" }]);
});

/** What would make an answer lie, or undo a write where no trigger is: found out by asking afterwards. */
const LIES: readonly (readonly [string, readonly string[], string])[] = [
  [
    "a view in place of a table",
    ["ALTER TABLE ir_cron RENAME TO kept", "CREATE VIEW ir_cron AS SELECT * FROM kept WHERE NOT active"],
    "BAL-E020 the copy is not used: ir_cron is not a plain table of Odoo's",
  ],
  [
    "a policy that binds the owner",
    [
      "ALTER TABLE ir_mail_server ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
      "CREATE POLICY hidden ON ir_mail_server USING (name = 'neutralised') WITH CHECK (true)",
    ],
    "BAL-E020 the copy is not used: ir_mail_server is not a plain table of Odoo's",
  ],
  [
    "a column of a type of the tenant's",
    ["CREATE DOMAIN truth AS boolean", "ALTER TABLE ir_cron ALTER COLUMN active TYPE truth"],
    "BAL-E020 the copy is not used: ir_cron is not a plain table of Odoo's",
  ],
  [
    "a constraint whose function writes",
    [
      "CREATE FUNCTION also() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.res_users_apikeys (key) VALUES ('mine'); RETURN true; END $$",
      "ALTER TABLE ir_mail_server ADD CHECK (also())",
    ],
    "BAL-E020 the copy is not used: an API key of the original is left",
  ],
];

test.each(LIES)("%s is found, and the copy is refused", async (_what, planted, says) => {
  await as("tenant", planted);
  expect(await refusal(makeOwn(work()))).toBe(says);
});

test("whoever has privileges is refused before the first statement that the copy could answer", async () => {
  expect(await refusal(makeOwn(work("superuser")))).toBe("BAL-E020 would be rewritten by a role with privileges");
  expect(await as("tenant", ["SELECT value FROM ir_config_parameter"])).toEqual([{ value: "of the original" }]);
});

test("what is handed over belongs to its new owner, schema and all", async () => {
  const [name] = await as("superuser", ["SELECT current_database() AS name"]);
  await as("superuser", [
    "CREATE ROLE heir",
    "CREATE ROLE renewer IN ROLE tenant, heir",
    "GRANT tenant, heir TO renewer",
    `ALTER DATABASE ${String(name?.["name"])} OWNER TO renewer`,
  ]);
  const handing = work();
  const open: CopyWork["open"] = async (mode) => {
    const session = await handing.open(mode);
    await session.query("SET SESSION AUTHORIZATION renewer");
    return session;
  };
  await makeOwn({ ...handing, open, handOver: { from: "tenant", to: "heir" } });
  const owners =
    "SELECT DISTINCT pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relnamespace = 'public'::regnamespace UNION SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'public'";
  expect(await as("superuser", [owners])).toEqual([{ owner: "heir" }]);
});
