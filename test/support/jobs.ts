import { expect, test } from "vitest";
import { until } from "./docker-bench.ts";
import type { SessionSubject } from "./sessions.ts";

/** What holds for queued jobs, in every series. The fleet must be up. */
export function jobSuite({ fleet, insides, environment }: SessionSubject): void {
  async function enqueue(query: string): Promise<number> {
    const { session } = await fleet.signIn(environment, fleet.password(environment));
    const base = await insides.odooUrl(environment);
    return (await fetch(`${base}/queue_job/create_test_job?${query}`, { headers: { cookie: session } })).status;
  }
  async function states(): Promise<readonly string[]> {
    return await insides.asTenant(environment, environment, async (client) => {
      const { rows } = await client.query<{ state: string }>(
        "SELECT state || ' ' || count(*) AS state FROM queue_job GROUP BY queue_job.state",
      );
      return rows.map((row) => row.state).sort();
    });
  }
  async function untilDone(count: number): Promise<void> {
    await until(`${count} jobs done`, 60, async () => ((await states()).join() === `done ${count}` ? true : undefined));
  }

  test("queued jobs are done, by the container for them alone", async () => {
    for (let number = 0; number < 6; number++) expect(await enqueue("size=1")).toBe(200);
    await untilDone(6);
    const ran = (entries: Awaited<ReturnType<typeof insides.accessLog>>) =>
      entries.filter((entry) => entry.target.startsWith("/queue_job/runjob") && entry.status === 200).length;
    const own = await insides.marked(environment, "/queue_job/runjob", { process: "odoo-jobs", count: 6 });
    expect([ran(own), ran(await insides.accessLog(environment))]).toEqual([6, 6]);
  });

  test("the door of jobs is closed to everybody outside", async () => {
    for (const path of ["/queue_job/runjob?job_uuid=x", "/queue_job/create_test_job", "/%71ueue_job/create_test_job"]) {
      expect([400, 403]).toContain((await fleet.ask(environment, path)).status);
    }
  });

  test("a job that was cut off with its container is done after the container came back", async () => {
    const container = await insides.container(`${environment}/odoo-jobs`);
    await container.stop({ t: 20 });
    await insides.asTenant(environment, environment, async (client) => {
      const asIfRunning = "UPDATE queue_job SET state = 'started', date_enqueued = now() AT TIME ZONE 'utc' - interval '1 minute'";
      await client.query(`${asIfRunning} WHERE id = (SELECT max(id) FROM queue_job)`);
    });
    await container.start();
    await untilDone(6);
    expect(await enqueue("size=1")).toBe(200);
    await untilDone(7);
  });
}
