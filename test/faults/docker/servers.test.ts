import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dockerClient } from "../../../src/app/machine/machine-engine.ts";
import { until } from "../../support/docker-bench.ts";
import { codesIn, faultyFleet } from "../../support/faulty-fleet.ts";
import { underLoad } from "../../support/load.ts";
import { clerkAt, confirmedOrders } from "../../support/orders.ts";

const docker = dockerClient();
const subject = faultyFleet("faults");
const { fleet, insides, declare, apply, stack, untilServing, asSuperuser } = subject;
const SERVER = "pool/everyone/postgres";

beforeAll(async () => {
  declare([]);
  const up = await fleet.ballast("up", fleet.folder, "--yes");
  if (up.code !== 0) throw new Error(up.err);
});
afterAll(() => fleet.remove());

/** Who is signed in with this cookie. */
async function whoami(cookie: string): Promise<string> {
  const more = { headers: { cookie }, body: { jsonrpc: "2.0", params: {} } };
  const { body } = await fleet.ask("acme", "/web/session/get_session_info", more);
  return (JSON.parse(body) as { result?: { username?: string } }).result?.username ?? "nobody";
}

describe("under load", () => {
  /** Three people enter orders while something happens; every order that Odoo called confirmed must be in the database. */
  async function ordersWhile(happening: () => Promise<void>): Promise<{ confirmed: number; lost: number; said: readonly string[] }> {
    const clerk = await clerkAt(fleet, "acme");
    const entered = await underLoad(3, () => clerk.enter(), happening);
    const acknowledged = entered.flatMap((one) => one.confirmed ?? []);
    const kept = await confirmedOrders(insides, "acme/production", "pool/everyone");
    const said = [...new Set(entered.map((one) => one.said))].sort();
    return { confirmed: acknowledged.length, lost: acknowledged.filter((id) => !kept.has(id)).length, said };
  }

  test.each([
    ["PostgreSQL", SERVER],
    ["PgBouncer", "pool/everyone/pooler"],
    ["Odoo", "acme/production/odoo"],
    ["the ingress", "platform/here/ingress"],
  ])("%s killed is back by itself; nobody is logged out, and no confirmed order is lost", async (_name, node) => {
    const { session } = await fleet.signIn("acme", fleet.password("acme"));
    const { confirmed, lost, said } = await ordersWhile(async () => {
      await sleep(2000);
      await insides.crash(node);
      // Who loads a page again in this moment keeps the session all the same.
      for (const path of ["/odoo", "/web", "/web/login"])
        await fleet.ask("acme", path, { headers: { cookie: session } }).catch(() => undefined);
      await untilServing(node.split("/").slice(0, 2).join("/"));
      await untilServing("acme/production");
      await sleep(3000);
    });
    expect([confirmed > 5, lost]).toEqual([true, 0]);
    // What was cut off is told as what it is: an answer of the proxy, of Odoo, or a connection that ended. Only an ingress that begins knows no
    // routes for a moment, and says 404.
    const told = node.endsWith("ingress")
      ? /^(200( Odoo Server Error)?|404|50[0-4]|no answer: .*)$/
      : /^(200( Odoo Server Error)?|50[0-4]|no answer: .*)$/;
    expect(said.filter((one) => !told.test(one))).toEqual([]);
    expect(await whoami(session)).toBe("admin");
  });

  test("an ingress that is cut off from a tenant is led back", async () => {
    const { lost } = await ordersWhile(async () => {
      const ingress = await insides.container("platform/here/ingress");
      const wall = Object.keys((await ingress.inspect()).NetworkSettings.Networks).find((name) => name.includes("acme-production"));
      await sleep(1000);
      await docker.getNetwork(wall ?? "").disconnect({ Container: ingress.id, Force: true });
      await until("the cut in status", 15, async () =>
        (await stack("acme/production")).drift.some((one) => one.says.includes("reach of platform/here/ingress")) ? true : undefined,
      ).catch(() => undefined);
      await untilServing("acme/production");
      expect((await fleet.ask("acme", "/web/login")).status).toBe(200);
    });
    expect(lost).toBe(0);
  });
});

describe("while a tenant is cloned", () => {
  /** Strikes once a CREATE DATABASE runs on the server: with the number of the process that does it. */
  async function atClone(strike: (backend: number) => Promise<void>): Promise<void> {
    const server = await insides.container(SERVER);
    const backend = await until("a clone under way", 60, async () => {
      const { Processes: rows, Titles: titles } = (await server.top({ ps_args: "-eo pid,args" })) as {
        Processes: string[][];
        Titles: string[];
      };
      const args = titles.findIndex((title) => title !== "PID");
      const row = rows.find((one) => one[args]?.includes("CREATE DATABASE") === true);
      return row === undefined ? undefined : Number(row.find((_, index) => index !== args));
    });
    await strike(backend);
  }

  test("a backend of PostgreSQL that the machine kills costs a pause, and the clone is made", async () => {
    declare(["beta"]);
    const [ran] = await Promise.all([apply(), atClone(async (backend) => void process.kill(backend, "SIGKILL"))]);
    expect([ran.code, ran.err]).toEqual([0, expect.not.stringContaining("BAL-")]);
    expect(await fleet.isServed("beta")).toBe(true);
    expect(await fleet.isServed("acme")).toBe(true);
  });

  test("a server that is killed costs a pause too: the step is done again once the server is back", async () => {
    declare(["beta", "gamma"]);
    const startedAt = async () => (await (await insides.container(SERVER)).inspect()).State.StartedAt;
    const before = await startedAt();
    const [ran] = await Promise.all([apply(), atClone(() => insides.crash(SERVER))]);
    expect([ran.code, codesIn(ran)]).toEqual([0, []]);
    expect(await startedAt()).not.toBe(before);
    await untilServing("gamma/production", 180);
    expect(await fleet.isServed("gamma")).toBe(true);
    expect(await fleet.isServed("acme")).toBe(true);
    const left = await asSuperuser("postgres", async (client) => await client.query("SELECT 1 FROM pg_database WHERE datname LIKE 'new%'"));
    expect(left.rowCount).toBe(0);
  });

  test("somebody who sits in the template is sent away, and the template is closed again", async () => {
    const find = "SELECT datname AS name, datallowconn AS open FROM pg_database WHERE datistemplate AND datname LIKE 'template\\_%'";
    const [template] = (await asSuperuser("postgres", async (client) => await client.query<{ name: string }>(find))).rows;
    const name = template?.name ?? "";
    await asSuperuser(
      "postgres",
      async (client) => await client.query(`ALTER DATABASE ${pg.escapeIdentifier(name)} ALLOW_CONNECTIONS true`),
    );
    await asSuperuser(name, async (stranger) => {
      declare(["beta", "gamma", "delta"]);
      const ran = await apply();
      expect([ran.code, ran.err]).toEqual([0, expect.not.stringContaining("BAL-")]);
      await expect(stranger.query("SELECT 1")).rejects.toThrow(/terminat|not queryable/i);
    });
    const after = (await asSuperuser("postgres", async (client) => await client.query(find))).rows;
    expect(after).toEqual([{ name, open: false }]);
    expect(await fleet.isServed("delta")).toBe(true);
  });
});

test("an Odoo that does not load its modules is called so, with its own words; the repaired one comes up by the next apply", async () => {
  await asSuperuser("delta_production", async (client) => await client.query("ALTER TABLE ir_ui_view RENAME TO mislaid"));
  const larger = (text: string) =>
    text.replace(/(name: delta[\s\S]*)pool: everyone \}/, "$1pool: everyone, sizes: { web: { memory: 1Gi } } }");
  declare(["beta", "gamma", "delta"], larger);
  const ran = await apply();
  expect([ran.code === 0, codesIn(ran)]).toEqual([false, ["BAL-E005"]]);
  expect(ran.err).toContain('relation "ir_ui_view" does not exist');
  expect(await fleet.isServed("acme")).toBe(true);
  await asSuperuser("delta_production", async (client) => await client.query("ALTER TABLE mislaid RENAME TO ir_ui_view"));
  expect((await apply()).code).toBe(0);
  expect(await fleet.isServed("delta")).toBe(true);
});
