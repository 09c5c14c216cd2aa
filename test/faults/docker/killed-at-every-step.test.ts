import { afterAll, beforeAll, expect, test } from "vitest";
import { type CrashBench, crashBench, RUNNING, requestsFor } from "../../support/docker-crash.ts";
import { testInstallation } from "../../support/docker-installation.ts";

/** As in the e2e suite, and at every step of everything: platform and pool too, before and after its effect. */
const EVERY = { part: "", moments: "before,after" } as const;

/** A hundred restarts of a control plane, each of some seconds. */
const LONG = { timeout: 3_600_000 };

let bench: CrashBench;
let requests: ReturnType<typeof requestsFor>;

beforeAll(async () => {
  const own = await testInstallation("crash-all");
  bench = crashBench(own);
  requests = requestsFor(own.installation.fleet);
});
afterAll(() => bench.close());

/** Runs one request through all its deaths; returns the steps that were struck for the first time. */
async function through(name: "provision" | "change" | "remove"): Promise<readonly string[]> {
  const before = bench.struck().length;
  const { operation, deaths } = await bench.survive(requests[name], EVERY);
  expect(operation).toMatchObject({ state: "done", result: { problems: [] } });
  const struck = bench.struck().slice(before);
  expect(struck.length).toBe(deaths);
  return struck;
}

test("a fleet is made", LONG, async () => {
  const struck = await through("provision");
  for (const node of ["platform/here/ingress", "pool/everyone/postgres", "pool/everyone/template", "acme/production/database"])
    expect(struck).toEqual(expect.arrayContaining([`before create ${node}`, `after create ${node}`]));
  expect(await bench.containers()).toEqual(RUNNING);
  expect(await bench.signIn()).toBe("admin");
});

test("a change is carried out", LONG, async () => {
  expect(await through("change")).toEqual(
    expect.arrayContaining(["before update acme/production/odoo", "after update acme/production/odoo"]),
  );
  expect(await bench.containers()).toEqual(RUNNING);
  expect(await bench.signIn()).toBe("admin");
});

test("everything is removed", LONG, async () => {
  const struck = await through("remove");
  for (const node of ["acme/production/database", "pool/everyone/data", "platform/here/ingress"])
    expect(struck).toEqual(expect.arrayContaining([`before remove ${node}`, `after remove ${node}`]));
  expect([await bench.containers(), await bench.volumes()]).toEqual([[], 0]);
});
