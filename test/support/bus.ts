import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { expect, test } from "vitest";
import type { KnownSeries } from "../../src/domain/odoo/known-series.ts";
import { output, until } from "./docker-bench.ts";
import type { FleetInsides } from "./fleet-insides.ts";
import { databaseOf, type LaunchedFleet } from "./launched-fleet.ts";
import { openWebsocket } from "./websocket.ts";

export interface BusSubject {
  readonly fleet: LaunchedFleet;
  readonly insides: FleetInsides;
  readonly series: KnownSeries;
  /** The pool's stack. */
  readonly pool: string;
  /** Two environments of the pool, each a compact one: whoever listens where it should not, and its neighbour. */
  readonly attacker: string;
  readonly neighbour: string;
}

/** By itself a browser would be told after 50 s, and so it is while the bus pauses after a notification that it could not read. */
const AT_ONCE_SECONDS = 20;

/** Waits for a message as a browser does; the answer comes when `send` was heard of. */
async function heardByBrowser({ fleet, insides, series }: BusSubject, environment: string, before: () => Promise<void>): Promise<boolean> {
  const { session } = await fleet.signIn(environment, fleet.password(environment));
  return series === "14.0"
    ? await heardByPolling({ fleet, insides, environment, session, before })
    : await heardBySocket({ fleet, insides, environment, session, before });
}

interface Browser extends Pick<BusSubject, "fleet" | "insides"> {
  readonly environment: string;
  readonly session: string;
  /** Done while it waits, before anything is sent. */
  readonly before: () => Promise<void>;
}

async function heardByPolling({ fleet, insides, environment, session, before }: Browser): Promise<boolean> {
  const channel = randomBytes(6).toString("hex");
  const ask = (last: number) =>
    fleet.ask(environment, "/longpolling/poll", {
      headers: { cookie: session },
      body: { jsonrpc: "2.0", params: { channels: [channel], last, options: {} } },
      seconds: AT_ONCE_SECONDS,
    });
  const send = async (message: string) =>
    await fetch(`${await insides.odooUrl(environment)}/longpolling/send`, {
      method: "POST",
      headers: { "content-type": "application/json", cookie: session },
      body: JSON.stringify({ jsonrpc: "2.0", params: { channel, message } }),
    });
  await send("first");
  const { result } = JSON.parse((await ask(0)).body) as { result: { id: number }[] };
  const asked = ask(result[0]?.id ?? 0);
  // The question must have arrived before the answer is sent.
  await sleep(1000);
  await before();
  await send("second");
  return (await asked).body.includes("second");
}

async function heardBySocket({ fleet, insides, environment, session, before }: Browser): Promise<boolean> {
  const socket = await openWebsocket(fleet.entrance(environment), fleet.host(environment), "/websocket", session);
  try {
    socket.send({ event_name: "subscribe", data: { channels: [], last: 0 } });
    const odoo = await insides.rpc(environment, "19.0");
    const domain = [["user_id", "=", 2]];
    const [known] = await odoo.call<{ id: number }[]>("res.users.settings", "search_read", { domain, fields: ["id"] });
    const id = known?.id ?? (await odoo.call<number[]>("res.users.settings", "create", { vals_list: [{ user_id: 2 }] }))[0];
    await sleep(1000);
    await before();
    let open = false;
    // What is sent before the subscription is through is sent again.
    return await until("the notification", AT_ONCE_SECONDS, async () => {
      open = !open;
      await odoo.call("res.users.settings", "set_res_users_settings", {
        ids: [id],
        new_settings: { is_discuss_sidebar_category_chat_open: open },
      });
      await sleep(300);
      return socket.received.some((text) => text.includes("res.users.settings")) ? true : undefined;
    });
  } finally {
    socket.close();
  }
}

/** Two or more in one file: of the bus who sends and who listens; of the service of databases what is refused, and what only asks. */
const PLACES = {
  "14.0": [...Array(2).fill("odoo/addons/bus/models/bus"), ...Array(5).fill("odoo/service/db")],
  "19.0": [
    "odoo/addons/base/models/ir_cron",
    ...Array(2).fill("odoo/addons/bus/models/bus"),
    "odoo/addons/web/controllers/home",
    ...Array(5).fill("odoo/service/db"),
    ...Array(2).fill("odoo/service/server"),
  ],
} as const;

/** What two tenants of a pool hear and disturb of each other's live messages: nothing. */
export function busSuite(subject: BusSubject): void {
  const { insides, pool, attacker, neighbour } = subject;

  test("a tenant's role is let into no database but its own, at the server or through the pooler", async () => {
    const user = databaseOf(attacker);
    for (const database of ["postgres", "template1"]) {
      for (const [server, port] of [
        [`${pool}/postgres`, 5432],
        [`${pool}/pooler`, 6432],
      ] as const) {
        const host = await insides.address(server);
        const client = new pg.Client({ host, port, user, database, password: insides.secret(attacker, "role-password") });
        client.on("error", () => undefined);
        await expect(client.connect()).rejects.toThrow(`permission denied for database "${database}"`);
      }
    }
  });

  test("a live message arrives at once, is heard in no other database, and is not held up by what a neighbour sends", async () => {
    await insides.asTenant(attacker, pool, async (ear) => {
      const heard: string[] = [];
      ear.on("notification", ({ channel, payload = "" }) => heard.push(`${channel} ${payload}`));
      await ear.query("LISTEN imbus");
      await ear.query("LISTEN cron_trigger");
      const disturb = async () => {
        for (const text of ["x", "[1", "null"]) await ear.query("SELECT pg_notify('imbus', $1)", [text]);
      };
      expect(await heardByBrowser(subject, neighbour, disturb)).toBe(true);
      await ear.query("SELECT 1");
      expect(heard).toEqual(["imbus x", "imbus [1", "imbus null"]);
      expect(await output(await insides.container(`${neighbour}/odoo`))).not.toContain("Bus.loop error");
      // Its own Odoo is heard there: the ear is no deaf one, and what is sent goes by the tenant's own database.
      heard.length = 0;
      const odoo = await insides.rpc(attacker, subject.series);
      const own = await until("the attacker's own message", 20, async () => {
        await sendSomething(odoo, subject);
        await ear.query("SELECT 1");
        return heard.find((one) => one.startsWith("imbus ") && one.includes(databaseOf(attacker)));
      });
      expect(own).toContain(databaseOf(attacker));
    });
  });

  test("whatever in Odoo connects to the database `postgres` is known to what leads it elsewhere: who only sends or asks, and who listens", async () => {
    const find = 'cd /usr/lib/python3/dist-packages && grep -rnE "db_connect\\([\'\\"]postgres" odoo --include=*.py | grep -v /tests/';
    const { text } = await insides.inside(`${neighbour}/odoo`, ["bash", "-c", find]);
    const places = text.split("\n").flatMap((line) => line.match(/odoo\/[\w/]+(?=\.py:)/)?.[0] ?? []);
    expect(places.toSorted()).toEqual(PLACES[subject.series === "14.0" ? "14.0" : "19.0"]);
  });

  test("whoever listens in Odoo does so in the tenant's own database, and no session of a tenant is in another one", async () => {
    const sessionsOf = (environment: string) =>
      insides.asTenant(environment, pool, async (client) => {
        const sql =
          "SELECT datname AS name, application_name LIKE 'odoo-bus-%' AS listens FROM pg_stat_activity WHERE usename = current_user";
        return (await client.query<{ name: string; listens: boolean }>(sql)).rows;
      });
    const [own, others] = [await sessionsOf(neighbour), await sessionsOf(attacker)];
    expect([...new Set(own.map((one) => one.name))]).toEqual([databaseOf(neighbour)]);
    expect([...new Set(others.map((one) => one.name))]).toEqual([databaseOf(attacker)]);
    expect(own.some((one) => one.listens)).toBe(true);
  });
}

/** A message to the first administrator, whatever the series calls it. */
async function sendSomething(odoo: Awaited<ReturnType<FleetInsides["rpc"]>>, { series, attacker }: BusSubject): Promise<void> {
  if (series === "14.0") {
    await odoo.call("bus.bus", "sendone", { channel: databaseOf(attacker), message: { type: "test" } });
    return;
  }
  const domain = [["user_id", "=", 2]];
  const [known] = await odoo.call<{ id: number }[]>("res.users.settings", "search_read", { domain, fields: ["id"] });
  const id = known?.id ?? (await odoo.call<number[]>("res.users.settings", "create", { vals_list: [{ user_id: 2 }] }))[0];
  for (const open of [true, false]) {
    const new_settings = { is_discuss_sidebar_category_chat_open: open };
    await odoo.call("res.users.settings", "set_res_users_settings", { ids: [id], new_settings });
  }
}

/**
 * A scheduled action that is due is begun when somebody says so in the tenant's own database, not only at the next look, a minute later: also after its
 * database refused the scheduler for a while, as a server that starts again does.
 */
export function schedulerSuite({ insides, pool, neighbour }: Pick<BusSubject, "insides" | "pool" | "neighbour">): void {
  /** By itself it looks once a minute: twice in a row within half of one is no chance. On a busy machine it may be late, so it has several tries. */
  async function isWoken(): Promise<boolean> {
    return await insides.asTenant(neighbour, pool, async (client) => {
      const first = "(SELECT min(id) FROM ir_cron WHERE active)";
      // Asked by when it is next due: when it ran last is kept in whole seconds, and two runs within one look like a single one.
      const isDue = `SELECT nextcall <= now() AT TIME ZONE 'UTC' AS due FROM ir_cron WHERE id = ${first}`;
      const hasRun = async () => (await client.query<{ due: boolean }>(isDue)).rows[0]?.due === false;
      let inARow = 0;
      for (let round = 0; inARow < 2 && round < 6; round++) {
        await client.query(`UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' - interval '1 second' WHERE id = ${first}`);
        await client.query("SELECT pg_notify('cron_trigger', current_database())");
        const ran = until("the scheduled action", 15, async () => ((await hasRun()) ? true : undefined));
        inARow = (await ran.catch(() => false)) ? inARow + 1 : 0;
      }
      return inARow === 2;
    });
  }

  test("the scheduler is woken by a notification in the tenant's own database", async () => {
    expect(await isWoken()).toBe(true);
  });

  test("the scheduler goes on after its database refused it for a while", async () => {
    const role = databaseOf(neighbour);
    const host = await insides.address(`${pool}/postgres`);
    const operator = new pg.Client({ host, user: "postgres", database: "postgres", password: insides.secret(pool, "superuser-password") });
    await operator.connect();
    const listens = `SELECT pid FROM pg_stat_activity WHERE usename = '${role}' AND query LIKE '%cron_trigger%'`;
    try {
      await operator.query(`ALTER ROLE ${role} NOLOGIN`);
      await operator.query(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = '${role}'`);
      await sleep(4000);
      expect((await operator.query(listens)).rows).toEqual([]);
    } finally {
      await operator.query(`ALTER ROLE ${role} LOGIN`);
      await operator.end();
    }
    expect(await isWoken()).toBe(true);
  });
}
