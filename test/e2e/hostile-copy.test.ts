import { afterAll, beforeAll, expect, test } from "vitest";
import type { StackNode } from "../../src/domain/stack/node.ts";
import { type BareServer, bareServer } from "../support/bare-server.ts";
import { codedProblem } from "../support/coded.ts";

/** What a tenant's data do while a copy of them is restored: whatever they run, the copy is used and removed like every other one. */
let server: BareServer;
let tenant: StackNode<"database">;
let clone: StackNode<"database">;

const COPY = "acme_production_journey";
const LEFT =
  "SELECT datname AS name FROM pg_database WHERE datname ~ '~|journey' UNION SELECT rolname FROM pg_roles WHERE rolname ~ '~|journey' ORDER BY 1";

/** Whatever an owner of a database, or a role of itself, may do; each for itself, and what was allowed is written down in the copy. */
const TRIED = [
  "ALTER DATABASE %1$I IS_TEMPLATE true",
  "ALTER DATABASE %1$I CONNECTION LIMIT 0",
  "ALTER DATABASE %1$I SET default_transaction_read_only TO on",
  "GRANT ALL ON DATABASE %1$I TO acme_production",
  "COMMENT ON DATABASE %1$I IS NULL",
  "ALTER DATABASE %1$I OWNER TO acme_production",
  "ALTER ROLE CURRENT_USER IN DATABASE %1$I SET default_transaction_read_only TO on",
  "ALTER ROLE CURRENT_USER SET default_transaction_read_only TO on",
  "ALTER ROLE CURRENT_USER PASSWORD 'known'",
  "GRANT acme_production_journey TO acme_production",
];

function planted(more = ""): readonly string[] {
  const attempts = TRIED.map(
    (one) => `BEGIN EXECUTE format('${one.replaceAll("'", "''")}', current_database());
       done := done || '${one.replaceAll("'", "''")}'::text; EXCEPTION WHEN OTHERS THEN NULL; END;`,
  );
  return [
    "CREATE TABLE public.a_done (what text)",
    `CREATE FUNCTION public.evil() RETURNS bool LANGUAGE plpgsql AS $$ DECLARE done text[] := '{}'; BEGIN
       IF current_database() = 'acme_production' THEN RETURN true; END IF;
       ${attempts.join("\n")}
       INSERT INTO public.a_done SELECT unnest(done); ${more}
       RETURN true; END $$`,
    "CREATE TABLE public.x_evil (n int CHECK (public.evil()))",
    "INSERT INTO public.x_evil VALUES (1)",
  ];
}

const plant = (statements: readonly string[]) => server.plant(tenant, statements);

async function unplant(): Promise<void> {
  await plant(["DROP TABLE public.x_evil, public.a_done", "DROP FUNCTION public.evil()"]);
}

beforeAll(async () => {
  server = await bareServer("hostile-copy");
  tenant = server.database("acme/production");
  await server.realise(tenant);
  clone = server.database("acme/production~journey", {
    neutralised: true,
    source: { kind: "snapshot", of: tenant.id, mostBytes: 2 ** 31 },
  });
}, 600_000);
afterAll(async () => {
  await server.close();
}, 120_000);

test("a copy belongs to nobody who logs in while its tenant's own code runs in it, and it is used and removed like every other one", async () => {
  await plant(planted());
  await server.realise(clone);
  // It runs as the copy's role, which may change itself; what it set is gone again.
  const done = (await server.ask(clone, "SELECT what FROM a_done ORDER BY 1")) as { what: string }[];
  expect(done.filter(({ what }) => /^(ALTER|COMMENT ON) DATABASE/.test(what))).toEqual([]);
  expect(done.map(({ what }) => what)).toContain("ALTER ROLE CURRENT_USER PASSWORD 'known'");
  expect(
    await server.ask(
      "superuser",
      `SELECT pg_get_userbyid(datdba) AS owner, datistemplate, datallowconn, datconnlimit, datacl::text FROM pg_database WHERE datname = '${COPY}'`,
    ),
  ).toEqual([
    {
      owner: "postgres",
      datistemplate: false,
      datallowconn: true,
      datconnlimit: -1,
      datacl: `{postgres=CTc/postgres,${COPY}=Tc/postgres}`,
    },
  ]);
  expect(
    await server.ask(
      "superuser",
      "SELECT setconfig FROM pg_db_role_setting UNION ALL SELECT ARRAY[pg_get_userbyid(member)] FROM pg_auth_members WHERE pg_get_userbyid(roleid) !~ '^pg_'",
    ),
  ).toEqual([]);
  await expect(server.ask(tenant, "SELECT 1", COPY)).rejects.toThrow("permission denied for database");
  await server.remove(clone);
  expect(await server.ask("superuser", LEFT)).toEqual([]);
  await unplant();
});

test("a copy whose restore fails leaves nothing, whatever was set on it before", async () => {
  await plant(planted("RAISE EXCEPTION 'no copy';"));
  expect((await codedProblem(server.realise(clone)))[0]).toBe("BAL-E022");
  expect(await server.ask("superuser", LEFT)).toEqual([]);
  await unplant();
});

test("what an older version left, marked as a template by its owner, is removed before the next copy, and by a removal", async () => {
  const [own] = (await server.ask(
    "superuser",
    "SELECT description AS labels FROM pg_shdescription JOIN pg_database d ON d.oid = objoid WHERE datname = 'acme_production'",
  )) as { labels: string }[];
  const { "ballast.fleet": fleet, "ballast.instance": instance } = JSON.parse(own?.labels ?? "{}");
  const labels = JSON.stringify({ "ballast.fleet": fleet, "ballast.instance": instance, "ballast.making": clone.id });
  await server.ask("superuser", 'CREATE ROLE "~gone~1"');
  await server.ask("superuser", `CREATE DATABASE "~new~${COPY}" OWNER "~gone~1" IS_TEMPLATE true CONNECTION LIMIT 0`);
  await server.ask("superuser", `COMMENT ON DATABASE "~new~${COPY}" IS '${labels}'`);
  await server.realise(clone);
  expect(await server.ask("superuser", LEFT)).toEqual([{ name: COPY }, { name: "~gone~1" }]);
  await server.ask("superuser", 'DROP ROLE "~gone~1"');
  await server.ask("superuser", `ALTER DATABASE ${COPY} IS_TEMPLATE true CONNECTION LIMIT 0`);
  await server.remove(clone);
  expect(await server.ask("superuser", LEFT)).toEqual([]);
});
