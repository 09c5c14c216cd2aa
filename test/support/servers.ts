import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { expect, test } from "vitest";
import { until } from "./docker-bench.ts";
import { databaseOf, endsWell } from "./launched-fleet.ts";
import { underLoad } from "./load.ts";
import type { SeriesSubject } from "./sessions.ts";

/** What holds for the servers of an environment with a pooler and a synchronous replica. The fleet must be up. */
export function serverSuite({ fleet, insides, environment, series }: SeriesSubject): void {
  /** Questions to a server as its superuser, or as a tenant where one is named. */
  async function ask<T extends object>(server: string, sql: string, as?: { user: string; password: string }): Promise<readonly T[]> {
    const login = as ?? { user: "postgres", password: insides.secret(environment, "superuser-password") };
    const client = new pg.Client({ host: await insides.address(server), database: as?.user ?? "postgres", ...login });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return (await client.query<T>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  test("PgBouncer killed under load comes back by itself, and what was acknowledged is there", async () => {
    const { session } = await fleet.signIn(environment, fleet.password(environment));
    const pooler = `${environment}/pooler`;
    const params = { model: "res.partner", method: "create", args: [[{ name: "Under load" }]], kwargs: {} };
    let created = 0;
    async function create(): Promise<number | undefined> {
      const more = { headers: { cookie: session }, body: { jsonrpc: "2.0", params } };
      const answer = await fleet.ask(environment, "/web/dataset/call_kw", more);
      const id = answer.status === 200 ? (JSON.parse(answer.body) as { result?: [number] }).result?.[0] : undefined;
      if (id !== undefined) created++;
      return id;
    }
    const answers = await underLoad(3, create, async () => {
      await sleep(1500);
      await insides.crash(pooler);
      await until("an answer through the new one", 60, create);
      // Whoever asked while it was away is still waiting for a moment; what is asked now is answered.
      await sleep(4000);
      expect(await create()).toBeGreaterThan(0);
      await until("ten acknowledged by the clients", 60, async () => (created > 12 ? true : undefined));
    });
    expect((await (await insides.container(pooler)).inspect()).RestartCount).toBe(1);
    const acknowledged = answers.filter((id) => id !== undefined);
    expect(acknowledged.length).toBeGreaterThan(10);
    const kept = await insides.asTenant(environment, environment, async (client) => {
      return (await client.query<{ id: number }>("SELECT id FROM res_partner WHERE name = 'Under load'")).rows.map((row) => row.id);
    });
    expect(acknowledged.filter((id) => !kept.includes(id))).toEqual([]);
  });

  const primary = `${environment}/postgres`;
  const replica = `${environment}/postgres-replica`;
  const tenant = () => ({ user: databaseOf(environment), password: insides.secret(environment, "role-password") });

  test("is followed by a synchronous replica, which has what was written", async () => {
    const followers = await ask(primary, "SELECT application_name AS name, state, sync_state AS mode FROM pg_stat_replication");
    expect(followers).toEqual([{ name: "ballast_replica", state: "streaming", mode: "sync" }]);
    const odoo = await insides.rpc(environment, series);
    const [buyer] = await odoo.call<number[]>("res.partner", "create", { vals_list: [{ name: "Buyer" }] });
    const [order] = await odoo.call<number[]>("sale.order", "create", { vals_list: [{ partner_id: buyer }] });
    await until("the order on the replica", 10, async () => {
      const found = await ask(replica, `SELECT 1 FROM sale_order WHERE id = ${order}`, tenant());
      return found.length === 1 ? true : undefined;
    });
    await expect(ask(replica, "CREATE TABLE mine ()", tenant())).rejects.toThrow("read-only transaction");
  });

  test("whose synchronous replica is away lets writes wait and reads go on, until apply starts it again", async () => {
    await (await insides.container(replica)).stop({ t: 20 });
    const odoo = await insides.rpc(environment, series);
    let written = false;
    const writing = odoo.call<number[]>("res.partner", "create", { vals_list: [{ name: "Patient" }] }).then((ids) => {
      written = true;
      return ids;
    });
    await sleep(2000);
    expect([written, await odoo.call<number>("res.partner", "search_count", { domain: [["name", "=", "Buyer"]] })]).toEqual([false, 1]);
    await endsWell(fleet.ballast("apply", fleet.folder));
    expect(await writing).toEqual([expect.any(Number)]);
  });

  test("of which the first server is stopped is called so, with what Ballast will not do, and apply starts it again", async () => {
    await (await insides.container(primary)).stop({ t: 20 });
    const status = await fleet.ballast("status", fleet.folder, environment);
    expect([status.code, status.out]).toEqual([1, expect.stringContaining(`${primary} is stopped`)]);
    expect(status.out).toContain("failover to the replica is not part of this version");
    expect((await endsWell(fleet.ballast("apply", fleet.folder))).out).toContain("done: ");
    await until("everybody served again", 60, async () => ((await fleet.isServed(environment)) ? true : undefined));
    await until("the replica following again", 30, async () =>
      (await ask(primary, "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'")).length === 1 ? true : undefined,
    );
  });
}
