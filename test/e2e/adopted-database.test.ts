import { afterAll, beforeAll, expect, test } from "vitest";
import type { StackNode } from "../../src/domain/stack/node.ts";
import { type BareServer, bareServer } from "../support/bare-server.ts";
import { codedProblem } from "../support/coded.ts";

/** A database that was restored under its tenant's name, without our label. */
let server: BareServer;
let neighbour: StackNode<"database">;

beforeAll(async () => {
  server = await bareServer("adopted");
  neighbour = server.database("nova/production");
  await server.realise(neighbour);
}, 600_000);
afterAll(async () => {
  await server.close();
}, 120_000);

const back = () => server.database("restored/production");
const name = "restored_production";
const seen = async () => {
  const observation = (await server.observe("restored/production")).nodes.get("restored/production/database");
  return observation?.state === "present" ? observation.value.hash : observation?.state;
};
const url = () => server.ask(back(), "SELECT value FROM ir_config_parameter WHERE key = 'web.base.url'");
/** A copy as `createdb` and `pg_restore` leave it: with its objects and their owners, and without a comment. */
async function restoreCopy(): Promise<void> {
  await server.ask("superuser", `CREATE DATABASE copied TEMPLATE ${name}`);
  await server.ask("superuser", `DROP DATABASE ${name} WITH (FORCE)`);
  await server.ask("superuser", `ALTER DATABASE copied RENAME TO ${name}`);
}

test("is adopted with what is in it, for its tenant alone, and is told its address and Ballast's key", async () => {
  await server.realise(back());
  await server.plant(back(), [
    "CREATE TABLE kept AS SELECT 7 AS n",
    "UPDATE ir_config_parameter SET value = 'https://elsewhere' WHERE key = 'web.base.url'",
  ]);
  await server.plant(back(), ["DELETE FROM res_users_apikeys"]);
  await server.realise(server.database("restored/production", { connectionLimit: 9 }));
  const moved = server.database("restored/production", { baseUrl: "https://new.example" });
  expect((await codedProblem(server.realise(moved)))[0]).toBe("BAL-E053");
  expect(await url()).toEqual([{ value: "https://elsewhere" }]);
  await restoreCopy();
  expect([await seen(), (await codedProblem(server.realise(back())))[0]]).toEqual([undefined, "BAL-E006"]);
  const identity = await server.adopt(back());
  const [own] = await server.ask(
    "superuser",
    `SELECT oid::text, pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = '${name}'`,
  );
  expect([await seen(), identity?.endsWith(`/${String(own?.["oid"])}`), own?.["owner"]]).toEqual(["adopted", true, "postgres"]);
  await expect(server.ask(neighbour, "SELECT 1", name)).rejects.toThrow("permission denied for database");
  expect((await server.realise(back())).did).toBe("updated");
  expect([await server.ask(back(), "SELECT n FROM kept"), await url()]).toEqual([[{ n: 7 }], [{ value: `https://${name}.localhost` }]]);
  expect(await server.ask(back(), "SELECT name FROM res_users_apikeys")).toEqual([{ name: "Ballast" }]);
  expect((await server.realise(back())).did).toBe("nothing");
});

test("is not adopted where what is in it is somebody else's, and is left as it was", async () => {
  await restoreCopy();
  await server.ask("superuser", "CREATE TABLE public.theirs (n int)", name);
  expect(await codedProblem(server.adopt(back()))).toEqual([
    "BAL-E052",
    `cannot be adopted: 1 of what is in it, such as public.theirs, belongs to the role postgres and not to ${name}`,
  ]);
  expect([await seen(), await url()]).toEqual([undefined, [{ value: `https://${name}.localhost` }]]);
  await server.ask("superuser", "DROP TABLE public.theirs", name);
  await server.adopt(back());
  expect(await seen()).toBe("adopted");
});

test("is adopted where an adoption was interrupted, and the role that existed for that is gone", async () => {
  const [{ labels } = {}] = await server.ask(
    "superuser",
    `SELECT description AS labels FROM pg_shdescription JOIN pg_database d ON d.oid = objoid WHERE datname = '${name}'`,
  );
  const { "ballast.fleet": fleet, "ballast.instance": instance } = JSON.parse(String(labels)) as Record<string, string>;
  const making = JSON.stringify({ "ballast.fleet": fleet, "ballast.instance": instance, "ballast.making": back().id });
  await restoreCopy();
  const roles = () => server.ask("superuser", "SELECT rolname FROM pg_roles WHERE rolname LIKE '~%' ORDER BY 1");
  const before = await roles();
  await server.ask("superuser", 'CREATE ROLE "~renew~interrupted"');
  await server.ask("superuser", `COMMENT ON ROLE "~renew~interrupted" IS '${making}'`);
  await server.ask("superuser", `ALTER DATABASE ${name} OWNER TO "~renew~interrupted"`);
  await server.adopt(back());
  const [own] = await server.ask("superuser", `SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = '${name}'`);
  expect([await seen(), own, await roles()]).toEqual(["adopted", { owner: "postgres" }, before]);
});
