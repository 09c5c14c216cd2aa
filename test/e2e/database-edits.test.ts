import { afterAll, beforeAll, expect, test } from "vitest";
import type { StackNode } from "../../src/domain/stack/node.ts";
import { type BareServer, bareServer } from "../support/bare-server.ts";

let server: BareServer;
let tenant: StackNode<"database">;

async function ask(as: StackNode<"database"> | "superuser", text: string): Promise<unknown[]> {
  const client = await server.session(as);
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  server = await bareServer("edits");
  tenant = server.database("nova/production");
  await server.realise(tenant);
}, 600_000);
afterAll(async () => {
  await server.close();
}, 120_000);

test("a database that was renamed, and a role that its tenant changed, are seen and put back with what is in it", async () => {
  const { name, role } = tenant.spec;
  const look = async () => {
    const seen = (await server.observe("nova/production")).nodes.get(tenant.id);
    return seen?.state === "present" ? [seen.value.condition, (seen.value.edits ?? []).map((one) => one.field)] : seen;
  };
  expect(await look()).toEqual(["serving", []]);
  for (const statement of [
    "CREATE TABLE kept_rows AS SELECT 7 AS one",
    `ALTER ROLE ${role} SET lock_timeout = 1`,
    `ALTER ROLE ${role} IN DATABASE ${name} SET search_path = nowhere`,
    `ALTER ROLE ${role} PASSWORD 'another'`,
  ])
    await ask(tenant, statement);
  await ask("superuser", `ALTER DATABASE ${name} RENAME TO nova_old`);
  expect(await look()).toEqual(["failing", ["name", "password of the role", "setting lock_timeout", "setting search_path"]]);
  await expect(ask(tenant, "SELECT 1")).rejects.toThrow("password authentication failed");
  await server.realise(tenant);
  expect(await look()).toEqual(["serving", []]);
  expect(await ask(tenant, "SELECT one FROM kept_rows")).toEqual([{ one: 7 }]);
  expect(await ask("superuser", "SELECT datname FROM pg_database WHERE datname LIKE 'nova%'")).toEqual([{ datname: name }]);
});

test("a database that a cut-off making left is removed once nobody can be making it, whatever was set on it, and no other", async () => {
  const { name, role } = tenant.spec;
  const left = "~new~gone_production";
  const [row] = (await ask(
    "superuser",
    `SELECT shobj_description(oid, 'pg_database') AS labels, oid FROM pg_database WHERE datname = '${name}'`,
  )) as [{ labels: string }];
  const { "ballast.fleet": fleet, "ballast.instance": instance } = JSON.parse(row.labels) as Record<string, string>;
  const labels = JSON.stringify({ "ballast.fleet": fleet, "ballast.instance": instance, "ballast.making": "gone/production/database" });
  await ask("superuser", `CREATE DATABASE "${left}" OWNER ${role}`);
  await ask("superuser", `COMMENT ON DATABASE "${left}" IS '${labels}'`);
  await ask("superuser", `ALTER DATABASE "${left}" IS_TEMPLATE true`);
  expect(await server.sweep()).toEqual([]);
  const [{ oid }] = (await ask("superuser", `SELECT oid::text FROM pg_database WHERE datname = '${left}'`)) as [{ oid: string }];
  await ask("superuser", `COPY (SELECT 1) TO PROGRAM 'cat >/dev/null; touch -d "3 hours ago" base/${oid}/PG_VERSION'`);
  expect(await server.sweep()).toEqual([left]);
  expect(await server.sweep()).toEqual([]);
  expect(await ask(tenant, "SELECT one FROM kept_rows")).toEqual([{ one: 7 }]);
});
