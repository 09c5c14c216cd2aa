import { afterAll, beforeAll, expect, test } from "vitest";
import { type CrashBench, crashBench, RUNNING, requestsFor } from "../support/docker-crash.ts";
import { testInstallation } from "../support/docker-installation.ts";

let bench: CrashBench;
let requests: ReturnType<typeof requestsFor>;

beforeAll(async () => {
  const own = await testInstallation("crash");
  bench = crashBench(own);
  requests = requestsFor(own.installation.fleet);
});
afterAll(() => bench.close());

test("a shared tenant is provisioned, changed and removed though the control plane is killed after every step", async () => {
  const provisioned = await bench.survive(requests.provision, { part: "acme/production", moments: "after" });
  expect(provisioned.operation).toMatchObject({ state: "done", result: { problems: [] } });
  expect(await bench.containers()).toEqual(RUNNING);
  const made = bench.struck();
  expect(made.length).toBe(provisioned.deaths);
  for (const node of ["boundary", "database", "filestore", "odoo", "route", "role-password"])
    expect(made).toContain(`after create acme/production/${node}`);

  const changed = await bench.survive(requests.change, { part: "acme/production/odoo", moments: "after" });
  expect(changed.operation).toMatchObject({ state: "done", result: { problems: [] } });
  expect(bench.struck()).toContain("after update acme/production/odoo");
  expect(await bench.containers()).toEqual(RUNNING);
  expect(await bench.signIn()).toBe("admin");

  const removed = await bench.survive(requests.remove, { part: "acme/production", moments: "after" });
  expect(removed.operation).toMatchObject({ state: "done", result: { problems: [] } });
  expect(bench.struck()).toContain("after remove acme/production/database");
  expect([await bench.containers(), await bench.volumes()]).toEqual([[], 0]);
});
