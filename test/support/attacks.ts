import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { requestThrough } from "../../src/adapters/http/through.ts";
import type { KnownSeries } from "../../src/domain/odoo/known-series.ts";
import type { FleetInsides } from "./fleet-insides.ts";
import { holdBodies, sendLists } from "./heavy-body.ts";
import { addressOf, databaseOf, type LaunchedFleet } from "./launched-fleet.ts";

/**
 * How the doors that stay shut may be knocked at: by their names, and by names that become theirs once somebody decodes or shortens them. An encoded slash passes
 * nowhere, whatever it stands in.
 */
const CLOSED: readonly (readonly [path: string, status: 403 | 400])[] = [
  ["/web/database/manager", 403],
  ["/web/database/list", 403],
  ["/web%2Fdatabase/manager", 400],
  ["/web%2fdatabase%2fmanager", 400],
  ["/%2Fjsonrpc", 400],
  ["/%2Fxmlrpc/2/common", 400],
  ["/web/%64atabase/selector", 403],
  ["//web//database/list", 403],
  ["/web/./database/backup", 403],
  ["/web/x/../database/manager", 403],
  ["/jsonrpc", 403],
  ["/%6asonrpc", 403],
  ["/jsonrpc/", 403],
  ["/xmlrpc/2/db", 403],
  ["/xmlrpc/2/object", 403],
  ["/xmlrpc/db", 403],
  ["/%78mlrpc/2/common", 403],
];

interface Envelope {
  readonly result?: { readonly uid?: number | null; readonly db?: string };
  readonly error?: { readonly message: string; readonly data: { readonly name: string; readonly message: string; readonly debug: string } };
}

export interface Attack {
  readonly fleet: LaunchedFleet;
  readonly insides: FleetInsides;
  /** Where it is tried: `acme` is its production. */
  readonly tenant: string;
  /** Environments whose credentials are at hand, and whose data must stay out of reach: on the same server, and elsewhere. */
  readonly victims: readonly string[];
  readonly series: KnownSeries;
}

/**
 * What an outsider, or a neighbour with credentials of its own, tries on one tenant: the same for every series. The fleet must be up.
 */
export function attackSuite({ fleet, insides, tenant, victims, series }: Attack): void {
  const home = addressOf(tenant);

  async function insideRpc(service: string, method: string, args: readonly unknown[]): Promise<Envelope> {
    const response = await fetch(`${await insides.odooUrl(home)}/jsonrpc`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", method: "call", params: { service, method, args } }),
    });
    return (await response.json()) as Envelope;
  }

  test.each(CLOSED)("%s is closed to everybody outside", async (path, status) => {
    const answer = await fleet.ask(tenant, path, { body: { jsonrpc: "2.0", params: { service: "db", method: "list", args: [] } } });
    expect(answer.status).toBe(status);
    expect(answer.body).not.toContain("_production");
  });

  test("bodies that nobody signed in for, and that would fill the memory of a process, end none", async () => {
    const starts = async () => {
      const containers = await insides.processes(home);
      return await Promise.all(containers.map(async (one) => [one.id, (await one.inspect()).RestartCount]));
    };
    const before = await starts();
    for (const path of ["/web/webclient/version_info", "/web/session/authenticate", "/web/dataset/call_kw/res.users/read"]) {
      // What is answered differs: some are refused, of others nothing is read, since nobody signed in.
      for (const method of ["POST", "GET"] as const) await sendLists(fleet, tenant, { path, mebibytes: 100, method });
    }
    expect((await fleet.ask(tenant, "/web/login")).status).toBe(200);
    expect(await starts()).toEqual(before);
  });

  test("bodies that come a byte at a time, of somebody who did not sign in, keep nobody from the database", async () => {
    const pages = await holdBodies(fleet, tenant, { path: "/web/webclient/version_info", count: 80, bytes: 500_000 });
    // More than one client may have of calls; where that is no path of calls, these and those are less than it may have of all.
    const calls = await holdBodies(fleet, tenant, { path: "/json/2/res.partner/search_read", count: 110, bytes: 400_000 });
    const end = () => (pages(), calls());
    const statuses = [];
    for (let asked = 0; asked < 10; asked++) statuses.push((await fleet.ask(tenant, "/web/login")).status);
    end();
    expect(statuses).toEqual(Array(10).fill(200));
    // Those who leave all at once take none either.
    expect((await fleet.ask(tenant, "/web/login")).status).toBe(200);
  });

  test("what is asked by nobody leaves next to nothing on the disk", async () => {
    const [own] = await insides.processes(home);
    const node = (await own?.inspect())?.Config.Labels["ballast.node"] ?? "";
    const kibibytes = async () =>
      Number.parseInt((await insides.inside(node, ["du", "-sk", "/var/lib/odoo"])).text.replace(/^\D*/, ""), 10);
    const before = await kibibytes();
    for (let asked = 0; asked < 60; asked++) {
      expect((await fleet.ask(tenant, `/web/login?debug=${"1,".repeat(3000)}`)).status).toBe(200);
    }
    expect((await kibibytes()) - before).toBeLessThan(60 * 4);
  });

  test("barcodes that nobody signed in for end no process, and let others be served", async () => {
    const [own] = await insides.processes(home);
    const starts = async () => (await own?.inspect())?.RestartCount;
    const before = await starts();
    const draw = async (length: number) =>
      (await fleet.ask(tenant, `/report/barcode/Code128/${"A1".repeat(length / 2)}?width=1000&height=1000`)).status;
    expect(await draw(28_000)).toBe(414);
    const one = await draw(12);
    expect([series, one]).toEqual([series, series === "14.0" ? 500 : 200]);
    // The image of Odoo 14 has nothing that draws them, and says so at once.
    if (series === "14.0") return;
    const drawn = Promise.all(Array.from({ length: 24 }, () => draw(3000)));
    expect((await fleet.ask(tenant, "/web/login")).status).toBe(200);
    // Whoever waited for too long is told so.
    expect((await drawn).filter((status) => ![200, 503].includes(status))).toEqual([]);
    expect(await starts()).toBe(before);
  });

  test("no database can be listed, probed or made by the service for it, even from inside", async () => {
    for (const method of ["list", "server_version", "db_exist", "create_database", "duplicate_database", "dump"]) {
      const { result, error } = await insideRpc("db", method, []);
      expect([method, result, error?.data.name, error?.data.debug]).toEqual([method, undefined, "odoo.exceptions.AccessDenied", ""]);
    }
  });

  test("the right password of a neighbour's database opens nothing here, from outside or from inside", async () => {
    for (const victim of victims) {
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
    for (const elsewhere of victims) {
      const seen = JSON.parse((await look(elsewhere)).body) as Envelope;
      expect([elsewhere, seen.result?.uid ?? undefined, seen.error?.message.toLowerCase()]).toEqual([
        elsewhere,
        undefined,
        expect.stringContaining("session expired"),
      ]);
    }
    expect((JSON.parse((await look(tenant)).body) as Envelope).result).toMatchObject({ uid: 2, db: databaseOf(tenant) });
  });

  test("every cookie is for TLS only, and is not sent along by another site's forms", async () => {
    const { headers } = await requestThrough(fleet.entrance(tenant), { host: fleet.host(tenant), path: "/web/login", seconds: 30 });
    const cookies = [headers["set-cookie"] ?? []].flat();
    expect(cookies.filter((cookie) => cookie.startsWith("session_id="))).toEqual([expect.stringContaining("HttpOnly")]);
    expect(cookies.filter((cookie) => !/; Secure(;|$)/.test(cookie) || !/; SameSite=Lax(;|$)/.test(cookie))).toEqual([]);
  });

  test("another database cannot be chosen by the address", async () => {
    const mark = randomBytes(6).toString("hex");
    for (const victim of victims) {
      const answer = await fleet.ask(tenant, `/web/login?db=${databaseOf(victim)}&mark=${mark}`);
      expect(answer.status).toBe(200);
    }
    const served = await insides.marked(home, mark, { count: victims.length });
    expect(new Set(served.map((entry) => entry.database))).toEqual(new Set([databaseOf(tenant)]));
  });

  test("nobody outside says under which name or from where they come", async () => {
    const mark = randomBytes(6).toString("hex");
    const [other = ""] = victims;
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
    const [entry] = await insides.marked(home, mark);
    expect([entry?.database, entry?.client === "203.0.113.9"]).toEqual([databaseOf(tenant), false]);
  });
}
