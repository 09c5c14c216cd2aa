import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type Dockerode from "dockerode";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dockerClient } from "../../src/app/machine-engine.ts";
import { parseAccessLine } from "../../src/domain/odoo/access-log.ts";
import type { KnownSeries } from "../../src/domain/odoo/known-series.ts";
import { signalsOf } from "../../src/domain/odoo/signals/signals.ts";
import { output, until } from "../support/docker-bench.ts";
import { databaseOf, launchedFleet, type Ran } from "../support/launched-fleet.ts";

const fleet = launchedFleet("mixed");
const docker = dockerClient();

function tenantText(name: string, pool: string): string {
  const hosting = `{ hosting: shared, pool: ${pool} }`;
  return `apiVersion: ballast.dev/v1alpha1
kind: Tenant
metadata: { name: ${name} }
spec:
  owner: { name: Operations, email: ops@${name}.example }
  calendar: office
  environments: { production: ${hosting}, staging: ${hosting} }`;
}

/** Two ages of Odoo on one machine behind one ingress. The staging of each stands on the server of its production: the nearest neighbour that there is. */
const FLEET = `apiVersion: ballast.dev/v1alpha1
kind: Fleet
metadata: { name: ${fleet.name} }
---
apiVersion: ballast.dev/v1alpha1
kind: Region
metadata: { name: here }
spec: { engine: { docker: {} }, jurisdiction: DE }
---
apiVersion: ballast.dev/v1alpha1
kind: Calendar
metadata: { name: office }
spec: { zone: Europe/Berlin, coveredUntil: 2028-12-31, maintenance: [] }
---
apiVersion: ballast.dev/v1alpha1
kind: Pool
metadata: { name: legacy }
spec: { series: "14.0" }
---
apiVersion: ballast.dev/v1alpha1
kind: Pool
metadata: { name: modern }
---
${tenantText("old", "legacy")}
---
${tenantText("new", "modern")}
`;

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

async function containerOf(node: string): Promise<Dockerode.Container> {
  const [found] = await docker.listContainers({ filters: { label: [`ballast.fleet=${fleet.name}`, `ballast.node=${node}`] } });
  if (found === undefined) throw new Error(`no container of ${node}`);
  return docker.getContainer(found.Id);
}

/** The address of a container on the network of its own stack: only this machine and the stack can reach it. */
async function inside(node: string): Promise<string> {
  const { NetworkSettings: settings } = await (await containerOf(node)).inspect();
  const wall = `${node.split("/").slice(0, 2).join("-")}-boundary`;
  const network = Object.entries(settings.Networks).find(([name]) => name.endsWith(wall));
  return network?.[1].IPAddress ?? "";
}

/** Runs as the tenant's own role in its own database. */
async function asTenant<T>(subject: Subject, environment: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const secret = join(fleet.installation.volatile, "nodes", environment, "role-password", "value");
  const database = databaseOf(environment);
  const host = await inside(`pool/${subject.pool}/postgres`);
  const client = new pg.Client({ host, user: database, database, password: readFileSync(secret, "utf8").trim() });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

test("one up brings both ages of Odoo, and each environment walks its whole journey", () => {
  const journeys = up.err.split("\n").filter((line) => line.includes("journey ") && line.includes("walked"));
  expect([up.code, journeys.sort()]).toEqual([
    0,
    ["new/production", "new/staging", "old/production", "old/staging"].map((address) => `✔ journey ${address}  7 steps walked`),
  ]);
  expect(up.err.match(/delivery WH\/OUT\/\d+ done/g)?.length).toBe(4);
});

describe.each(SUBJECTS)("Odoo $series", (subject) => {
  const { tenant, series } = subject;

  test("answers people through the ingress as the series that was declared", async () => {
    const answer = await fleet.signIn(tenant, fleet.password(tenant));
    expect(JSON.parse(answer.body)).toMatchObject({ result: { username: "admin", db: databaseOf(tenant) } });
    expect(JSON.stringify(JSON.parse(answer.body).result.server_version_info.slice(0, 2))).toBe(`[${series.replace(".", ",")}]`);
  });

  test("counts as healthy by the question that the series understands", async () => {
    const container = await containerOf(`${tenant}/production/odoo`);
    const status = await until("the health check", 90, async () => {
      const { State: state } = await container.inspect();
      return state.Health?.Status === "starting" ? undefined : state.Health?.Status;
    });
    expect(status).toBe("healthy");
  });

  test("a copy is somebody's own, and one outside production does not act on the world", async () => {
    const facts = async (environment: string) =>
      await asTenant(subject, environment, async (client) => {
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
    expect({ ...staging, secrets: 0 }).toEqual({ secrets: 0, keys: ["Ballast"], hashes, cronsAtWork: [false], mailServers: ["invalid"] });
    expect(new Set([...production.secrets, ...staging.secrets]).size).toBe(4);
  });

  test("every signal whose tables are there can be read from them", async () => {
    const unread = await asTenant(subject, `${tenant}/production`, async (client) => {
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

  test("its access log can be read: what was asked, how it ended, what it cost", async () => {
    const mark = randomBytes(6).toString("hex");
    await fleet.ask(tenant, `/web/login?mark=${mark}`);
    const log = await output(await containerOf(`${tenant}/production/odoo`));
    const entries = log.split("\n").flatMap((line) => parseAccessLine(line.slice(line.indexOf("2"))) ?? []);
    const asked = entries.find((entry) => entry.target.includes(mark));
    expect(asked).toMatchObject({ database: databaseOf(tenant), method: "GET", target: `/web/login?mark=${mark}`, status: 200 });
    expect([(asked?.spent?.sqlCount ?? 0) > 0, Math.abs((asked?.at ?? 0) - Date.now()) < 60_000]).toEqual([true, true]);
  });
});

/** How the doors that stay shut may be knocked at: by their names, and by names that become theirs once somebody decodes or shortens them. */
const CLOSED = [
  "/web/database/manager",
  "/web/database/list",
  "/web%2Fdatabase/manager",
  "/web%2fdatabase%2fmanager",
  "/%2Fjsonrpc",
  "/%2Fxmlrpc/2/common",
  "/web/%64atabase/selector",
  "//web//database/list",
  "/web/./database/backup",
  "/web/x/../database/manager",
  "/jsonrpc",
  "/%6asonrpc",
  "/jsonrpc/",
  "/xmlrpc/2/db",
  "/xmlrpc/2/object",
  "/xmlrpc/db",
  "/%78mlrpc/2/common",
];

interface Envelope {
  readonly result?: { readonly uid?: number | null; readonly db?: string };
  readonly error?: { readonly message: string; readonly data: { readonly name: string; readonly message: string; readonly debug: string } };
}

describe.each(SUBJECTS)("attacks on Odoo $series", ({ tenant, other }) => {
  const neighbour = `${tenant}/staging`;

  async function insideRpc(service: string, method: string, args: readonly unknown[]): Promise<Envelope> {
    const response = await fetch(`http://${await inside(`${tenant}/production/odoo`)}:8069/jsonrpc`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", method: "call", params: { service, method, args } }),
    });
    return (await response.json()) as Envelope;
  }

  test.each(CLOSED)("%s is closed to everybody outside", async (path) => {
    const answer = await fleet.ask(tenant, path, { body: { jsonrpc: "2.0", params: { service: "db", method: "list", args: [] } } });
    expect([403, 400]).toContain(answer.status);
    expect(answer.body).not.toContain("_production");
  });

  test("no database can be listed, probed or made by the service for it, even from inside", async () => {
    for (const method of ["list", "server_version", "db_exist", "create_database", "duplicate_database", "dump"]) {
      const { result, error } = await insideRpc("db", method, []);
      expect([method, result, error?.data.name, error?.data.debug]).toEqual([method, undefined, "odoo.exceptions.AccessDenied", ""]);
    }
  });

  test("the right password of a neighbour's database opens nothing here, nor does its key from inside", async () => {
    for (const victim of [neighbour, other]) {
      const answer = await fleet.signIn(tenant, fleet.password(victim), databaseOf(victim));
      const { result, error } = JSON.parse(answer.body) as Envelope;
      expect([result?.uid ?? undefined, error === undefined, error?.data.debug]).toEqual([undefined, false, ""]);
      const asked = await insideRpc("common", "login", [databaseOf(victim), "admin", fleet.password(victim)]);
      expect([asked.result, asked.error === undefined, asked.error?.data.debug]).toEqual([undefined, false, ""]);
    }
  });

  test("a session is worth nothing elsewhere, and goes on at home", async () => {
    const { session } = await fleet.signIn(tenant, fleet.password(tenant));
    const look = (environment: string) =>
      fleet.ask(environment, "/web/session/get_session_info", { headers: { cookie: session }, body: { jsonrpc: "2.0", params: {} } });
    for (const elsewhere of [neighbour, other]) {
      const seen = JSON.parse((await look(elsewhere)).body) as Envelope;
      expect([elsewhere, seen.result?.uid ?? undefined, seen.error?.message.toLowerCase()]).toEqual([
        elsewhere,
        undefined,
        expect.stringContaining("session expired"),
      ]);
    }
    expect((JSON.parse((await look(tenant)).body) as Envelope).result).toMatchObject({ uid: 2, db: databaseOf(tenant) });
  });

  test("nobody outside says under which name or from where they come", async () => {
    const mark = randomBytes(6).toString("hex");
    const answer = await fleet.ask(tenant, `/web?mark=${mark}`, {
      headers: {
        "x-forwarded-host": fleet.host(other),
        x_forwarded_host: fleet.host(other),
        "x-forwarded-for": "203.0.113.9",
        forwarded: `for=203.0.113.9;host=${fleet.host(other)}`,
        "x-odoo-database": databaseOf(other),
      },
    });
    expect([answer.status, new URL(answer.location, `https://${fleet.host(tenant)}`).hostname]).toEqual([303, fleet.host(tenant)]);
    const log = await output(await containerOf(`${tenant}/production/odoo`));
    const entry = log
      .split("\n")
      .flatMap((line) => parseAccessLine(line.slice(line.indexOf("2"))) ?? [])
      .find((one) => one.target.includes(mark));
    expect([entry?.database, entry?.client === "203.0.113.9"]).toEqual([databaseOf(tenant), false]);
  });
});
