import { afterAll, beforeAll, expect, test } from "vitest";
import type { StackNode } from "../../src/domain/stack/node.ts";
import { type BareServer, bareServer } from "../support/bare-server.ts";
import { codedProblem } from "../support/coded.ts";
import { OBSTINATE, traps } from "../support/traps.ts";

/** One tenant's SQL against everything that Ballast does in its database, and against its neighbours on the same server. */
let server: BareServer;
let tenant: StackNode<"database">;
let neighbour: StackNode<"database">;

const plant = (statements: readonly string[], as = tenant) => server.plant(as, statements);

/** Nobody but the superuser is one, nobody may act as somebody else, and no trap saw more than its own tenant. */
async function assertWithinBounds(owner = tenant): Promise<void> {
  expect(await server.ask("superuser", "SELECT rolname FROM pg_roles WHERE rolsuper OR rolcreaterole OR rolcreatedb ORDER BY 1")).toEqual([
    { rolname: "postgres" },
  ]);
  expect(
    await server.ask(
      "superuser",
      "SELECT pg_get_userbyid(member) AS who, pg_get_userbyid(roleid) AS as FROM pg_auth_members WHERE pg_get_userbyid(roleid) NOT LIKE 'pg\\_%'",
    ),
  ).toEqual([]);
  expect(
    await server.ask(
      "superuser",
      "SELECT rolname FROM pg_roles WHERE rolname LIKE '~%' UNION SELECT datname FROM pg_database WHERE datname LIKE '~%'",
    ),
  ).toEqual([]);
  expect(await server.ask(owner, "SELECT DISTINCT * FROM sprung WHERE super <> 'off' OR who !~ '^ac(me|ma)_production'")).toEqual([]);
  expect(await server.ask(owner, "SELECT * FROM loot")).toEqual([]);
  await expect(server.ask(owner, "SELECT 1", neighbour.spec.name)).rejects.toThrow("permission denied for database");
}

async function sprung(): Promise<number> {
  const [row] = await server.ask(tenant, "SELECT count(*)::int AS count FROM sprung");
  return row?.["count"] as number;
}

beforeAll(async () => {
  server = await bareServer("hostile");
  tenant = server.database("acme/production");
  neighbour = server.database("nova/production");
  await Promise.all([server.realise(tenant), server.realise(neighbour)]);
  await plant(traps(tenant.spec.role));
}, 600_000);
afterAll(async () => {
  await server.close();
}, 120_000);

test("a new database belongs to its tenant, whole, and the tenant to nobody", async () => {
  const owners = `SELECT DISTINCT pg_get_userbyid(relowner) AS owner FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'public'
    UNION SELECT pg_get_userbyid(proowner) FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'public' AND proname LIKE 'in\\_%'
    UNION SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'public'`;
  expect(await server.ask(tenant, owners)).toEqual([{ owner: "acme_production" }]);
  expect(
    await server.ask("superuser", "SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = 'acme_production'"),
  ).toEqual([{ owner: "postgres" }]);
  await assertWithinBounds();
});

/** Everything that is written into a living database, each from the state that the one before left. */
const CHANGES: readonly (readonly [string, () => Promise<unknown>])[] = [
  ["a rotated API key", () => server.realise(tenant, { generations: { "api-key": 2 } })],
  ["a rotated database secret", () => server.realise((tenant = withSpec({ secretGeneration: 2 })), { generations: { "api-key": 2 } })],
  ["a rotated password of the administrator", () => server.realise(tenant, { generations: { "api-key": 2, "admin-password": 2 } })],
  [
    "a changed quota",
    () => server.realise((tenant = withSpec({ diskQuotaBytes: 10_000_000 })), { generations: { "api-key": 2, "admin-password": 2 } }),
  ],
  [
    "a changed host name and another mailbox",
    () =>
      server.realise((tenant = withSpec({ baseUrl: "https://else.localhost", mailTo: { host: "mailbox", port: 1025 } })), {
        generations: { "api-key": 2, "admin-password": 2 },
      }),
  ],
];

function withSpec(spec: Partial<StackNode<"database">["spec"]>): StackNode<"database"> {
  return { ...tenant, spec: { ...tenant.spec, ...spec } };
}

test.each(CHANGES)("%s springs every trap with the tenant's own rights and no others", async (_what, change) => {
  const before = await sprung();
  await change();
  expect(await sprung()).toBeGreaterThan(before);
  await assertWithinBounds();
});

test("what was told is there although the tenant's operators and functions stand before the catalog's", async () => {
  const parameters = await server.ask(tenant, "SELECT value FROM ir_config_parameter WHERE key::text = 'web.base.url'");
  expect(parameters).toEqual([{ value: "https://else.localhost" }]);
});

test("a copy of its data is made, neutralised and proven by a role without privileges, whatever the tenant hung on its tables", async () => {
  await plant([...OBSTINATE, "CREATE TABLE kept_mark AS SELECT 'still here' AS words"]);
  const source = { kind: "snapshot", of: tenant.id, mostBytes: 2 ** 31 } as const;
  const clone = server.database("acme/production~journey", { neutralised: true, source });
  await server.realise(clone);
  expect(server.progress.at(-1)).toMatch(/^a snapshot of acme\/production\/database, \d+ MiB, about \d+ s$/);
  expect(await server.ask(clone, "SELECT words FROM kept_mark")).toEqual([{ words: "still here" }]);
  expect(await server.ask(clone, "SELECT name FROM ir_mail_server WHERE active")).toEqual([{ name: "neutralised" }]);
  expect(await server.ask(clone, "SELECT count(*)::int AS keys FROM res_users_apikeys")).toEqual([{ keys: 1 }]);
  const secret = "SELECT value FROM ir_config_parameter WHERE key::text = 'database.secret'";
  expect(await server.ask(clone, secret)).not.toEqual(await server.ask(tenant, secret));
  await assertWithinBounds(tenant);
  await assertWithinBounds(clone);
  const seen = (await server.observe("acme/production~journey")).nodes.get(clone.id);
  expect(seen?.state === "present" ? seen.value.facts["source"] : "").toMatch(/^a snapshot of acme\/production\/database/);
  await server.remove(clone);
  await assertWithinBounds();
});

test("above its limit the template is taken, and that is said in plain words", async () => {
  const source = { kind: "snapshot", of: tenant.id, mostBytes: 1024 * 1024 } as const;
  const clone = server.database("acme/production~journey", { neutralised: true, source });
  await server.realise(clone);
  expect(server.progress.at(-1)).toMatch(
    /^the template, without the data of acme\/production\/database: that has \d+ MiB, and above 1 MiB no copy is made of it$/,
  );
  expect(await server.ask(clone, "SELECT to_regclass('kept_mark') AS mark")).toEqual([{ mark: null }]);
  await server.remove(clone);
});

test("a copy that would not be its own is thrown away, and the reason is said", async () => {
  await plant([
    "ALTER TABLE public.ir_cron RENAME TO ir_cron_kept",
    "CREATE VIEW public.ir_cron AS SELECT * FROM public.ir_cron_kept WHERE active IS NOT TRUE",
  ]);
  const source = { kind: "snapshot", of: tenant.id, mostBytes: 2 ** 31 } as const;
  const clone = server.database("acme/production~journey", { neutralised: true, source });
  expect(await codedProblem(server.realise(clone))).toEqual(["BAL-E020", expect.stringContaining("ir_cron is not a plain table")]);
  expect(await server.ask("superuser", "SELECT datname FROM pg_database WHERE datname ~ 'journey'")).toEqual([]);
  await plant(["DROP VIEW public.ir_cron", "ALTER TABLE public.ir_cron_kept RENAME TO ir_cron"]);
  await assertWithinBounds();
});

test("a tenant that refuses what is told is named, in words that steer no terminal", async () => {
  await plant([
    "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION E'no\\x1b[31m red\\n%', repeat('x', 5000); END $$",
    "CREATE TRIGGER refusal BEFORE UPDATE ON public.ir_config_parameter FOR EACH STATEMENT EXECUTE FUNCTION public.refuse()",
  ]);
  const [code, message] = await codedProblem(
    server.realise(withSpec({ diskQuotaBytes: 20_000_000 }), { generations: { "api-key": 2, "admin-password": 2 } }),
  );
  expect([code, message.length < 500, /\p{C}/u.test(message)]).toEqual(["BAL-E021", true, false]);
  expect(message).toContain("its own database refuses it: no");
  await plant(["DROP TRIGGER refusal ON public.ir_config_parameter"]);
  await assertWithinBounds();
});

test("a renamed tenant's database springs its traps with its own rights too", async () => {
  const renamed = server.database("acma/production", { baseUrl: "https://acma.localhost" });
  const before = await sprung();
  await server.realise(renamed, { formerly: tenant.id });
  tenant = renamed;
  expect(await sprung()).toBeGreaterThan(before);
  await assertWithinBounds();
  expect(await server.ask("superuser", "SELECT datname FROM pg_database WHERE datname LIKE 'acm%'")).toEqual([
    { datname: "acma_production" },
  ]);
});

test("a tenant named as another was in the making keeps its database while that one is made, fails, and goes", async () => {
  const [x, newX] = [server.database("x/production"), server.database("new-x/production")];
  await server.realise(newX);
  await server.ask("superuser", 'CREATE DATABASE "~new~x_production"');
  expect(await codedProblem(server.realise(x))).toEqual(["BAL-E006", "a database named ~new~x_production is not ours"]);
  await server.ask("superuser", 'DROP DATABASE "~new~x_production"');
  await server.realise(x);
  // As an older version left it: the database says whose the role is.
  await server.ask("superuser", "COMMENT ON ROLE x_production IS NULL");
  await server.remove(x);
  expect(await server.ask("superuser", "SELECT rolname FROM pg_roles WHERE rolname = 'x_production'")).toEqual([]);
  expect(await server.ask(newX, "SELECT count(*) > 0 AS serves FROM res_users")).toEqual([{ serves: true }]);
});

test("what bears a tenant's name and is not its own is neither taken over nor removed", async () => {
  const stranger = server.database("stranger/production");
  await server.ask("superuser", "CREATE DATABASE stranger_production");
  await server.ask("superuser", "CREATE ROLE stranger_production CREATEROLE");
  expect((await codedProblem(server.realise(stranger)))[0]).toBe("BAL-E006");
  expect((await codedProblem(server.remove(stranger)))[0]).toBe("BAL-E006");
  await server.ask("superuser", "DROP DATABASE stranger_production");
  expect(await codedProblem(server.realise(stranger))).toEqual(["BAL-E006", "a role named stranger_production is not ours"]);
  await server.remove(stranger);
  expect(await server.ask("superuser", "SELECT rolcreaterole FROM pg_roles WHERE rolname = 'stranger_production'")).toEqual([
    { rolcreaterole: true },
  ]);
  // One without privileges is no less somebody's: nothing of it is changed, and it gets no password of ours.
  await server.ask("superuser", "ALTER ROLE stranger_production NOCREATEROLE");
  expect(await codedProblem(server.realise(stranger))).toEqual(["BAL-E006", "a role named stranger_production is not ours"]);
  await server.remove(stranger);
  expect(
    await server.ask("superuser", "SELECT rolcanlogin AS login, rolpassword FROM pg_authid WHERE rolname = 'stranger_production'"),
  ).toEqual([{ login: false, rolpassword: null }]);
});
