import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dockerClient } from "../../src/app/machine/machine-engine.ts";
import { execute } from "../support/docker-bench.ts";
import { PACKAGE_ROOT } from "../support/docker-installation.ts";
import { insidesOf } from "../support/fleet-insides.ts";
import { launchedFleet } from "../support/launched-fleet.ts";
import { startLoop } from "../support/neighbour-loop.ts";

/** A tenant on a pool and one with a server of its own, each with a mark in its data that no template has. */
const fleet = launchedFleet("copy");
const docker = dockerClient();
const insides = insidesOf(fleet, docker);
const HELLO = readFileSync(join(PACKAGE_ROOT, "examples/hello/fleet.yaml"), "utf8").replace("name: hello", `name: ${fleet.name}`);
const ACME = HELLO.split("\n---\n").find((text) => text.includes("kind: Tenant")) as string;
const ALTONA = ACME.replace("name: acme", "name: altona").replace(
  "{ hosting: shared, pool: everyone }",
  "{ hosting: isolated, tier: development }",
);
const SERVER = "pool/everyone/postgres";

async function sql(server: string, database: string, text: string): Promise<string> {
  const ran = await execute(docker, await insides.container(server), ["psql", "-At", "-d", database, "-c", text]);
  return ran.out.toString();
}

beforeAll(async () => {
  fleet.declare(`${HELLO}\n---\n${ALTONA}`);
  const up = await fleet.ballast("up", fleet.folder, "--yes");
  if (up.code !== 0) throw new Error(up.err);
  await insides.asTenant("acme/production", "pool/everyone", (client) =>
    client.query("CREATE TABLE kept_mark AS SELECT 'still here' AS words"),
  );
  // What an operator made is not the tenant's to read, and is left out.
  await sql(SERVER, "acme_production", "CREATE TABLE of_an_operator AS SELECT 1 AS one");
}, 600_000);
afterAll(async () => {
  await fleet.remove();
}, 120_000);

test("a journey runs on a copy of the tenant's own data, and who works in the original meanwhile notices nothing", async () => {
  const working = await startLoop(fleet, "acme");
  const pids = new Set<string>();
  let mark = "";
  let over = false;
  /** The copy is there for as long as the journey walks; every session of the original is remembered. */
  async function watch(): Promise<void> {
    while (!over) {
      const found = await sql(SERVER, "postgres", "SELECT pid FROM pg_stat_activity WHERE datname = 'acme_production'");
      for (const pid of found.split("\n").filter((line) => /^\d+$/.test(line))) pids.add(pid);
      const asked = await sql(SERVER, "acme_production_journey", "SELECT words FROM kept_mark");
      if (asked.includes("still here")) mark = asked;
    }
  }
  const watching = watch();
  const passed = await fleet.ballast("journey", fleet.folder, "acme/production");
  over = true;
  await watching;
  const { requests, failed } = await working.stop();
  expect([passed.code, passed.err]).toEqual([0, expect.not.stringContaining("BAL-")]);
  expect(passed.err).toMatch(/a snapshot of acme\/production\/database, \d+ MiB, about \d+ s/);
  expect(passed.err).toContain("tables that are not the tenant's to read are left out: 1");
  expect(passed.out).toMatch(/made of a snapshot of acme\/production\/database, \d+ MiB/);
  expect([mark, failed, requests > 10, pids.size > 0]).toEqual(["still here\n", [], true, true]);
  const log = (await (await insides.container(SERVER)).logs({ stdout: true, stderr: true })).toString();
  const ended = [...log.matchAll(/\[(\d+)\] FATAL: +terminating connection/g)].map((line) => line[1] ?? "");
  expect(ended.filter((pid) => pids.has(pid))).toEqual([]);
  const left = "SELECT datname FROM pg_database WHERE datname ~ '~|journey' UNION SELECT rolname FROM pg_roles WHERE rolname ~ '~|journey'";
  expect(await sql(SERVER, "postgres", left)).toBe("");
  // Neither does a password stay that the snapshot, or the making of the template, was given.
  expect(globSync(join(fleet.installation.volatile, "jobs", "**", "{pgpass,odoo.conf}"))).toEqual([]);
});

test("a tenant with a server of its own is copied on that server", async () => {
  const passed = await fleet.ballast("journey", fleet.folder, "altona/production");
  expect([passed.code, passed.out, passed.err]).toEqual([
    0,
    expect.stringContaining("made of a snapshot of altona/production/database"),
    expect.not.stringContaining("BAL-"),
  ]);
});
