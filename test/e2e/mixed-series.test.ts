import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goodsOf } from "../../src/adapters/odoo-rpc/goods.ts";
import { runOrderToDelivery } from "../../src/adapters/odoo-rpc/order-to-delivery.ts";
import { shiftOf } from "../../src/domain/odoo/daily-actions.ts";
import type { KnownSeries } from "../../src/domain/odoo/known-series.ts";
import { signalsOf } from "../../src/domain/odoo/signals/signals.ts";
import { attackSuite } from "../support/attacks.ts";
import { busSuite, schedulerSuite } from "../support/bus.ts";
import { crossingSuite } from "../support/crossings.ts";
import { until } from "../support/docker-bench.ts";
import { insidesOf } from "../support/fleet-insides.ts";
import { document, ground } from "../support/fleet-text.ts";
import { isolationSuite } from "../support/isolation.ts";
import { databaseOf, launchedFleet, type Ran } from "../support/launched-fleet.ts";
import { lockSuite, socketSuite } from "../support/pool-attacks.ts";

const fleet = launchedFleet("mixed");
const insides = insidesOf(fleet);

function tenantText(name: string, pool: string): string {
  const hosting = `{ hosting: shared, pool: ${pool} }`;
  const environments = `{ production: ${hosting}, staging: ${hosting} }`;
  return document("Tenant", name, `{ owner: { name: Ops, email: ops@${name}.example }, calendar: office, environments: ${environments} }`);
}

/** Two ages of Odoo on one machine behind one ingress. The staging of each stands on the server of its production: the nearest neighbour that there is. */
const FLEET = [
  ...ground(fleet.name).slice(0, -1),
  document("Pool", "legacy", '{ series: "14.0" }'),
  document("Pool", "modern"),
  tenantText("old", "legacy"),
  tenantText("new", "modern"),
].join("---\n");

interface Subject {
  readonly tenant: string;
  readonly series: KnownSeries;
  readonly pool: string;
  /** The tenant of the other age. */
  readonly other: string;
}

const SUBJECTS: readonly Subject[] = [
  { tenant: "old", series: "14.0", pool: "legacy", other: "new" },
  { tenant: "new", series: "19.0", pool: "modern", other: "old" },
];

let up: Ran;
beforeAll(async () => {
  fleet.declare(FLEET);
  up = await fleet.ballast("up", fleet.folder, "--yes");
});
afterAll(() => fleet.remove());

test("one up brings both ages of Odoo; one of each template runs its whole journey, the others answer", () => {
  const journeys = up.err.split("\n").filter((line) => line.includes("journey ") && line.includes("passed"));
  expect([up.code, journeys.sort()]).toEqual([
    0,
    [
      "✔ journey new/production  8 steps passed",
      "✔ journey new/staging  2 steps passed",
      "✔ journey old/production  8 steps passed",
      "✔ journey old/staging  2 steps passed",
    ],
  ]);
  expect(up.err.match(/delivery WH\/OUT\/\d+ done/g)?.length).toBe(2);
});

describe("isolation on Odoo 14 and 19", () => {
  const tenancies = SUBJECTS.flatMap(({ tenant, pool }) =>
    ["production", "staging"].map((name) => ({ environment: `${tenant}/${name}`, servers: `pool/${pool}` })),
  );
  isolationSuite({ fleet, insides, tenancies });
  crossingSuite(fleet);
});

describe.each(SUBJECTS)("what the environments of a pool of Odoo $series share", ({ tenant, pool, other }) => {
  const neighbours = [`${tenant}/production`, `${other}/production`];
  const subject = { fleet, insides, pool: `pool/${pool}`, attacker: `${tenant}/staging`, neighbours };
  lockSuite(subject);
  socketSuite(subject, ["pooler"]);
});

describe.each(SUBJECTS)("live messages of a pool of Odoo $series", ({ tenant, series, pool }) => {
  const subject = { fleet, insides, series, pool: `pool/${pool}`, attacker: `${tenant}/staging`, neighbour: `${tenant}/production` };
  busSuite(subject);
  // Older series look for what is due once a minute, and hear of nothing.
  if (series === "19.0") schedulerSuite(subject);
});

describe.each(SUBJECTS)("Odoo $series", (subject) => {
  const { tenant, series, pool } = subject;

  test("runs the daily actions of two environments of one template in minutes of their own, in the same hour", async () => {
    // Without the first one, which the tests of the scheduler begin by hand.
    const text = `SELECT id, date_part('hour', nextcall)::int AS hour, date_part('minute', nextcall)::int AS minute FROM ir_cron
      WHERE interval_type = 'days' AND id > (SELECT min(id) FROM ir_cron WHERE active) ORDER BY id`;
    const [ours, theirs] = [`${tenant}/production`, `${tenant}/staging`];
    const at = (environment: string) =>
      insides.asTenant(
        environment,
        `pool/${pool}`,
        async (client) => (await client.query<Record<"id" | "hour" | "minute", number>>(text)).rows,
      );
    const between = (shiftOf(ours) - shiftOf(theirs) + 60) % 60;
    const expected = (await at(theirs)).map(({ id, hour, minute }) => ({ id, hour, minute: (minute + between) % 60 }));
    expect([between > 0, expected.length > 2, await at(ours)]).toEqual([true, true, expected]);
  });

  test("answers people through the ingress as the series that was declared", async () => {
    const answer = await fleet.signIn(tenant, fleet.password(tenant));
    expect(JSON.parse(answer.body)).toMatchObject({ result: { username: "admin", db: databaseOf(tenant) } });
    expect(JSON.stringify(JSON.parse(answer.body).result.server_version_info.slice(0, 2))).toBe(`[${series.replace(".", ",")}]`);
  });

  test("counts as healthy by the question that the series understands", async () => {
    const container = await insides.container(`${tenant}/production/odoo`);
    const status = await until("the health check", 90, async () => {
      const { State: state } = await container.inspect();
      return state.Health?.Status === "starting" ? undefined : state.Health?.Status;
    });
    expect(status).toBe("healthy");
  });

  test("a copy is somebody's own, and one outside production does not act on the world", async () => {
    const facts = async (environment: string) =>
      await insides.asTenant(environment, `pool/${pool}`, async (client) => {
        const one = async (sql: string) => (await client.query<{ value: unknown }>(sql)).rows.map((row) => row.value);
        return {
          secrets: await one("SELECT value FROM ir_config_parameter WHERE key IN ('database.secret', 'database.uuid') ORDER BY key"),
          keys: await one("SELECT name AS value FROM res_users_apikeys"),
          hashes: await one("SELECT left(password, 21) AS value FROM res_users WHERE password IS NOT NULL"),
          cronsAtWork: await one("SELECT count(*) > 1 AS value FROM ir_cron WHERE active"),
          mailServers: await one("SELECT smtp_host AS value FROM ir_mail_server WHERE active"),
        };
      });
    const [production, staging] = [await facts(`${tenant}/production`), await facts(`${tenant}/staging`)];
    const hashes = [series === "14.0" ? "$pbkdf2-sha512$25000$" : "$pbkdf2-sha512$600000"];
    expect({ ...production, secrets: 0 }).toEqual({ secrets: 0, keys: ["Ballast"], hashes, cronsAtWork: [true], mailServers: [] });
    expect({ ...staging, secrets: 0 }).toEqual({ secrets: 0, keys: ["Ballast"], hashes, cronsAtWork: [false], mailServers: ["mailbox"] });
    expect(new Set([...production.secrets, ...staging.secrets]).size).toBe(4);
  });

  test("every signal whose tables are there can be read from them", async () => {
    const unread = await insides.asTenant(`${tenant}/production`, `pool/${pool}`, async (client) => {
      await client.query("SET default_transaction_read_only = on");
      await client.query("SET statement_timeout = '2s'");
      const missing: string[] = [];
      for (const { name, needs, sql } of signalsOf(series)) {
        const { rows } = await client.query<{ need: string }>(
          `SELECT need FROM unnest($1::text[]) AS need WHERE NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(split_part(need, '.', 1))
           AND split_part(need, '.', 2) IN ('', attname) AND NOT attisdropped)`,
          [[...needs]],
        );
        if (rows.length === 0) await client.query(sql);
        else missing.push(name);
      }
      return missing;
    });
    // Queued jobs come with an addon, electronic documents with the accounting of some countries.
    expect(unread.filter((name) => !name.startsWith("queue-") && name !== "edi")).toEqual([]);
  });

  test("what was sold and shipped is what the signals tell", async () => {
    const environment = `${tenant}/staging`;
    const client = await insides.rpc(environment, series);
    const passed: string[] = [];
    await runOrderToDelivery({ odoo: client, goods: goodsOf(series), at: environment, passed: (step) => passed.push(step) });
    expect(passed).toEqual(["stock", "quotation", "order", "delivery"]);
    const told = await insides.asTenant(environment, `pool/${pool}`, async (database) => {
      const rows = async (name: string) => (await database.query(signalsOf(series).find((one) => one.name === name)?.sql ?? "")).rows;
      return {
        orders: (await rows("orders-confirmed")).map(({ orders, amount }) => [orders, Number(amount) >= 30]),
        transfers: (await rows("transfers-done")).map(({ code, transfers }) => [code, transfers]),
        lines: (await rows("lines-done")).map(({ lines, quantity }) => [lines, Number(quantity)]),
        shipped: (await rows("confirm-to-ship")).map(({ seconds }) => seconds.every((one: number) => one >= 0 && one < 120)),
        late: await rows("late-work"),
        stuck: await rows("stuck-modules"),
      };
    });
    // The count into stock is a line of its own beside the delivered one: 5 and 3 pallets.
    expect(told).toEqual({
      orders: [["1", true]],
      transfers: [["outgoing", "1"]],
      lines: [["2", 8]],
      shipped: [true],
      late: [],
      stuck: [],
    });
  });

  test("a report comes out whole, also when several are asked for at once", async () => {
    const { session } = await fleet.signIn(tenant, fleet.password(tenant));
    const odoo = await insides.rpc(`${tenant}/production`, series);
    const [reader] = await odoo.call<number[]>("res.partner", "create", { vals_list: [{ name: "Reader" }] });
    const [order] = await odoo.call<number[]>("sale.order", "create", { vals_list: [{ partner_id: reader }] });
    const print = () => fleet.ask(tenant, `/report/pdf/sale.report_saleorder/${order}`, { headers: { cookie: session } });
    const alone = await print();
    expect([alone.status, alone.body.slice(0, 5), alone.body.length > 5000]).toEqual([200, "%PDF-", true]);
    const together = await Promise.all([1, 2, 3, 4].map(print));
    expect(together.map((report) => [report.status, report.body.length])).toEqual(together.map(() => [200, alone.body.length]));
  });

  test("its access log can be read: what was asked, how it ended, what it cost", async () => {
    const mark = randomBytes(6).toString("hex");
    await fleet.ask(tenant, `/web/login?mark=${mark}`);
    const [asked] = await insides.marked(`${tenant}/production`, mark);
    expect(asked).toMatchObject({ database: databaseOf(tenant), method: "GET", target: `/web/login?mark=${mark}`, status: 200 });
    expect([(asked?.spent?.sqlCount ?? 0) > 0, Math.abs((asked?.at ?? 0) - Date.now()) < 60_000]).toEqual([true, true]);
  });
});

describe.each(SUBJECTS)("PostgreSQL killed under Odoo $series", ({ tenant, pool }) => {
  test("tells who loads a page so, or lets them wait, and logs nobody out", async () => {
    const { session } = await fleet.signIn(tenant, fleet.password(tenant));
    const load = async () => {
      const answer = await fleet.ask(tenant, "/web", { headers: { cookie: session }, seconds: 30 });
      return `${answer.status} ${new URL(answer.location || "/", "https://x").pathname}`;
    };
    const atHome = await load();
    await insides.crash(`pool/${pool}/postgres`);
    const seen = new Set<string>();
    // Twice in a row: a process may hold a second connection that the crash broke, and tells one more page so.
    await until("the page again", 90, async () => {
      const answers = [await load().catch(() => "nobody answered"), await load().catch(() => "nobody answered")];
      for (const answer of answers) seen.add(answer);
      return answers.every((answer) => answer === atHome) ? true : undefined;
    });
    expect([...seen].filter((answer) => answer !== atHome && !/^50\d /.test(answer))).toEqual([]);
    expect(atHome).not.toContain("login");
  });
});

describe.each(SUBJECTS)("attacks on Odoo $series", ({ tenant, other, series }) => {
  attackSuite({ fleet, insides, tenant, victims: [`${tenant}/staging`, `${other}/production`], series });
});
