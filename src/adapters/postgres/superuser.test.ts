import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ServerStatement } from "./server-statement.ts";
import { openSession } from "./session.ts";
import { openServerSession } from "./superuser-session.ts";
import { SERVER_SQL } from "./superuser-sql.ts";

const SOURCE = join(import.meta.dirname, "../..");

/** Every statement of the list, with names as arguments that must be quoted. */
function all(): readonly string[] {
  const { createDatabase, letIn, letRoleLogIn, letFollowerLogIn, labelDatabase, labelRole, openDatabase, markTemplate, ...more } =
    SERVER_SQL;
  const { createLabelledRole, renameLabelledRole, retireRole, dropRole, dropOwned, ...named } = more;
  const login = { role: 'a"b', verifier: "v'", connections: 3 };
  const label = { "ballast.node": "it's" };
  const plain = Object.values(named) as readonly ((...names: string[]) => ServerStatement | readonly ServerStatement[])[];
  return [
    createDatabase('a"b', { template: "t", owner: "o" }),
    letIn('a"b', "r", "use"),
    letIn('a"b', "r", "build"),
    letRoleLogIn(login),
    letFollowerLogIn(login),
    labelDatabase('a"b', label),
    labelRole('a"b', label),
    ...[
      createLabelledRole('a"b', label),
      renameLabelledRole('a"b', "c", label),
      retireRole('a"b', "c", label),
      dropRole('a"b'),
      dropOwned('a"b'),
    ].flatMap(({ text }) => text.split("; ").map((part) => ({ text: part }))),
    openDatabase('a"b', true),
    markTemplate('a"b', false),
    ...plain.flatMap((statement) => statement('a"b', "c", "d'e")),
  ].map(({ text }) => text.replaceAll(/\s+/g, " "));
}

/** Acts on whole databases, roles and the server's own settings: none of them runs code that stands in a database of a tenant. */
const ACTS = [
  /^(CREATE|ALTER|DROP) (DATABASE|ROLE) /,
  /^COMMENT ON (DATABASE|ROLE) /,
  /^(GRANT|REVOKE) [A-Z, ]+ ON DATABASE /,
  /^GRANT "[^"]+(""[^"]*)*" TO "/,
  /^REVOKE "[^"]+(""[^"]*)*" FROM "/,
  /^SET LOCAL lock_timeout = '2s'$/,
  /^ALTER SYSTEM SET synchronous_standby_names = /,
];
/** The look-up of the pooler, in a schema of the superuser's own in the database `postgres`. */
const LOOKUP = [
  /^CREATE SCHEMA IF NOT EXISTS ballast$/,
  /^(GRANT|REVOKE) [A-Z]+ ON (SCHEMA ballast|FUNCTION ballast\.verifier_of\(text\)) /,
  /^CREATE OR REPLACE FUNCTION ballast\.verifier_of\(.*SET search_path = pg_catalog, pg_temp/,
];
/** Large objects are rows of the catalog: nobody makes any more in the database `postgres`, and a role's go before the role does. */
const COMMON = [/^REVOKE EXECUTE ON FUNCTION (pg_catalog\.lo\w+\([a-z, ]+\)(, )?)+ FROM PUBLIC$/, /^DROP OWNED BY "a""b"$/];
const READS = /^SELECT /;

test("what the superuser runs are acts on whole databases and roles, the pooler's look-up, the large objects of the common database, and questions to the catalog", () => {
  const others = all().filter((text) => ![...ACTS, ...LOOKUP, ...COMMON, READS].some((known) => known.test(text)));
  expect(others).toEqual([]);
  expect(all().length).toBeGreaterThan(40);
});

test("its questions name every relation, function and cast with the catalog's own schema", () => {
  const questions = all().filter((text) => READS.test(text));
  const relations = questions.flatMap((text) => [...text.matchAll(/\b(?:FROM|JOIN) ([\w.]+)/g)].map((found) => found[1] ?? ""));
  const functions = questions.flatMap((text) => [...text.matchAll(/\b([a-z_][\w.]*)\(/g)].map((found) => found[1] ?? ""));
  expect([...relations, ...functions].filter((name) => !name.startsWith("pg_catalog."))).toEqual([]);
});

test("names and texts in its statements are quoted", () => {
  expect(SERVER_SQL.renameDatabase('a"b', "c").text).toBe('ALTER DATABASE "a""b" RENAME TO "c"');
  expect(SERVER_SQL.labelRole("a", { words: "it's" }).text).toBe(`COMMENT ON ROLE "a" IS '{"words":"it''s"}'`);
});

test("a superuser is let into no database but its own, whoever asks", async () => {
  const target = { host: "127.0.0.1", port: 1, user: "postgres", password: "x", database: "acme_production" };
  await expect(openSession(target)).rejects.toThrow("a session of the superuser may not be opened in database acme_production");
  const opened: object[] = [];
  const session = { query: async () => [], end: async () => undefined };
  await openServerSession(
    async (asked) => {
      opened.push(asked);
      return session;
    },
    { host: "h", port: 5432, password: "p" },
  );
  expect(opened).toEqual([
    {
      host: "h",
      port: 5432,
      password: "p",
      user: "postgres",
      database: "postgres",
      settings: { search_path: "pg_catalog,pg_temp", synchronous_commit: "local", lock_timeout: "10s" },
    },
  ]);
});

function sources(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.includes(".test."))
    .sort();
}

test("no other file opens a session of its own on such a server, names its superuser, or makes a statement of the list", () => {
  const mentions = (pattern: RegExp, folders: readonly string[]) =>
    folders.flatMap((folder) =>
      sources(join(SOURCE, folder))
        .filter((name) => pattern.test(readFileSync(join(SOURCE, folder, name), "utf8")))
        .map((name) => `${folder}/${name}`),
    );
  const folders = ["adapters/postgres", "engines", "workflows", "app"];
  expect(mentions(/user(name)?[:=] ?"?postgres\b|user: SUPERUSER|username=\$\{SUPERUSER\}/, folders)).toEqual([
    "adapters/postgres/superuser-session.ts",
    "engines/docker/postgres/superuser.ts",
    "engines/docker/render/prepare.ts",
  ]);
  expect(mentions(/new pg\.(Client|Pool)/, ["adapters/postgres", "engines"])).toEqual(["adapters/postgres/session.ts"]);
  expect(mentions(/as (unknown as )?ServerStatement/, folders)).toEqual(["adapters/postgres/server-statement.ts"]);
  expect(mentions(/import \{[^}]*\blisted\b/, folders)).toEqual([
    "adapters/postgres/superuser-lock-sql.ts",
    "adapters/postgres/superuser-sql.ts",
    "adapters/postgres/superuser-watch-sql.ts",
  ]);
});
