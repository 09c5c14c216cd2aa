import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FleetStatus } from "../../src/api/contract/contract.ts";
import { dockerClient } from "../../src/app/machine/machine-engine.ts";
import { execute } from "../support/docker-bench.ts";
import { PACKAGE_ROOT } from "../support/docker-installation.ts";
import { endsWell, launchedFleet } from "../support/launched-fleet.ts";
import { type NeighbourLoop, startLoop } from "../support/neighbour-loop.ts";

const docker = dockerClient();
const fleet = launchedFleet("life");
const HELLO = readFileSync(join(PACKAGE_ROOT, "examples/hello/fleet.yaml"), "utf8")
  .replace("name: hello", `name: ${fleet.name}`)
  // A pool and a tenant whose names could be taken for each other's once they are joined.
  .replaceAll("everyone", "x-production");
const ACME = HELLO.split("\n---\n").find((text) => text.includes("kind: Tenant")) as string;
const BASE = HELLO.split("\n---\n").filter((text) => text !== ACME);
const SHARED = "{ hosting: shared, pool: x-production }";
const ISOLATED = "{ hosting: isolated, tier: development }";

function tenant(name: string, environment: string, formerly?: string): string {
  const former = formerly === undefined ? "" : `, renamedFrom: ${formerly}`;
  return ACME.replace("name: acme", `name: ${name}${former}`).replace(SHARED, environment);
}

/** Stays as it is on the pool while others come, change and go there. */
const NEIGHBOUR = tenant("kiel", SHARED);

async function apply(...tenants: readonly string[]) {
  fleet.declare([...BASE, NEIGHBOUR, ...tenants].join("\n---\n"));
  return await fleet.ballast("apply", fleet.folder, "--now", "--reason", "test");
}

async function state(stack: string): Promise<FleetStatus["stacks"][number] | undefined> {
  const { out } = await fleet.ballast("status", fleet.folder, "--json");
  return (JSON.parse(out) as FleetStatus).stacks.find((one) => one.stack === stack);
}

/** Asks a server of the fleet as its superuser, inside its container. */
async function sql(server: string, database: string, text: string): Promise<string> {
  const filters = { label: [`ballast.fleet=${fleet.name}`, `ballast.node=${server}`] };
  const [found] = await docker.listContainers({ filters });
  const ran = await execute(docker, docker.getContainer(found?.Id ?? ""), ["psql", "-At", "-d", database, "-c", text]);
  return ran.out.toString();
}

async function volumesOf(node: string): Promise<readonly string[]> {
  const filters = { label: [`ballast.fleet=${fleet.name}`, `ballast.node=${node}`] };
  return (await docker.listVolumes({ filters })).Volumes.map((volume) => volume.Mountpoint);
}

/** As the tenant's own code could. */
async function inOdoo(tenant: string, script: string): Promise<string> {
  const filters = { label: [`ballast.fleet=${fleet.name}`, `ballast.node=${tenant}/production/odoo`] };
  const [found] = await docker.listContainers({ filters });
  const { exit, out } = await execute(docker, docker.getContainer(found?.Id ?? ""), ["bash", "-euc", script]);
  return `${exit} ${out
    .toString()
    .replace(/[^\P{C}\n]/gu, "")
    .trim()}`;
}

const MARK = "CREATE TABLE kept_mark AS SELECT 'still here' AS words";
let loop: NeighbourLoop | undefined;
const passwords: Record<string, string> = {};

beforeAll(async () => {
  fleet.declare([...BASE, NEIGHBOUR, tenant("acme", SHARED), tenant("altona", ISOLATED)].join("\n---\n"));
  const up = await fleet.ballast("up", fleet.folder, "--yes");
  if (up.code !== 0) throw new Error(up.err);
  await sql("pool/x-production/postgres", "acme_production", MARK);
  await sql("altona/production/postgres", "altona_production", MARK);
  for (const name of ["acme", "altona"]) passwords[name] = fleet.password(name);
  loop = await startLoop(fleet, "kiel");
}, 600_000);
afterAll(async () => {
  await loop?.stop();
  await fleet.remove();
}, 120_000);

test("a plan says that a renamed tenant's data goes over to the new name", async () => {
  fleet.declare([...BASE, NEIGHBOUR, tenant("nova", SHARED, "acme"), tenant("pool-x", ISOLATED, "altona")].join("\n---\n"));
  const { out } = await fleet.ballast("plan", fleet.folder);
  expect(out).toContain("! acme/production    renamed to nova/production, which takes over its data and passwords");
});

test("links to its neighbour's data that a tenant leaves where its files will be renamed lead nowhere", async () => {
  const [pool = ""] = await volumesOf("pool/x-production/data");
  const before = readdirSync(`${pool}/pgdata`);
  expect(await inOdoo("acme", `ln -s ${pool}/pgdata /var/lib/odoo/filestore/nova_production`)).toBe("0 ");
  const applied = await apply(tenant("nova", SHARED, "acme"), tenant("pool-x", ISOLATED, "altona"));
  expect([applied.code, applied.err]).toEqual([0, expect.not.stringContaining("BAL-")]);
  expect(await inOdoo("nova", "ls /var/lib/odoo/filestore")).toBe("0 nova_production\nnova_production.aside1");
  expect(readdirSync(`${pool}/pgdata`)).toEqual(before);
  for (const name of ["nova", "pool-x"]) {
    const [folder = ""] = await volumesOf(`${name}/production/filestore`);
    const { uid, gid, mode } = statSync(folder);
    expect([name, uid, gid, (mode & 0o777).toString(8)]).toEqual([name, 10_001, 10_001, "750"]);
  }
});

test("a pool and a tenant with names that could be mistaken share no container, network or volume", async () => {
  const filters = (stack: string) => ({ label: [`ballast.fleet=${fleet.name}`, `ballast.stack=${stack}`] });
  const seen = await Promise.all(
    ["pool/x-production", "pool-x/production"].map(async (stack) => [
      ...(await docker.listContainers({ filters: filters(stack) })).flatMap((one) => one.Names),
      ...(await docker.listNetworks({ filters: filters(stack) })).map((one) => one.Name),
      ...(await docker.listVolumes({ filters: filters(stack) })).Volumes.map((one) => one.Name),
    ]),
  );
  expect(seen.map((names) => names.length)).toEqual([2 + 1 + 1, 3 + 1 + 2]);
  expect(new Set(seen.flat()).size).toBe(4 + 6);
  const databases = "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1";
  expect(await sql("pool/x-production/postgres", "postgres", databases)).toBe("kiel_production\nnova_production\n");
  expect(await sql("pool-x/production/postgres", "postgres", databases)).toBe("pool_x_production\n");
});

test("a renamed tenant keeps its database, its files and its passwords, on a pool and on servers of its own", async () => {
  // Nothing is left to do where the test before has renamed them.
  const applied = await apply(tenant("nova", SHARED, "acme"), tenant("pool-x", ISOLATED, "altona"));
  expect([applied.code, applied.err]).toEqual([0, expect.not.stringContaining("BAL-")]);
  for (const [former, name] of [
    ["acme", "nova"],
    ["altona", "pool-x"],
  ] as const) {
    expect(fleet.password(name)).toBe(passwords[former]);
    expect((await fleet.signIn(name, passwords[former] ?? "")).body).toContain('"username": "admin"');
    // Styles come from attachments: a lost filestore answers with 404 or 500.
    const page = await fleet.ask(name, "/web/login");
    const style = /\/web\/assets\/[^"]+\.css/.exec(page.body)?.[0] ?? "";
    expect((await fleet.ask(name, style)).status).toBe(200);
    expect(await state(`${former}/production`)).toBeUndefined();
  }
  expect(await sql("pool/x-production/postgres", "nova_production", "SELECT words FROM kept_mark")).toContain("still here");
  expect(await sql("pool-x/production/postgres", "pool_x_production", "SELECT words FROM kept_mark")).toContain("still here");
});

test("after a rename nothing differs, also once the former name is no longer written down", async () => {
  await endsWell(fleet.ballast("plan", fleet.folder, "--exit-code"));
  expect((await apply(tenant("nova", SHARED), tenant("pool-x", ISOLATED))).code).toBe(0);
  await endsWell(fleet.ballast("plan", fleet.folder, "--exit-code"));
  await endsWell(fleet.ballast("journey", fleet.folder, "nova/production"));
});

test("a replica that is no longer wanted goes, and no write waits for it", async () => {
  const followed = ISOLATED.replace(" }", ", postgres: { replica: synchronous } }");
  const server = "pool-x/production/postgres";
  expect((await apply(tenant("nova", SHARED), tenant("pool-x", followed))).code).toBe(0);
  expect(await sql(server, "postgres", "SHOW synchronous_standby_names")).toBe("FIRST 1 (ballast_replica)\n");
  expect((await apply(tenant("nova", SHARED), tenant("pool-x", ISOLATED))).code).toBe(0);
  expect(await sql(server, "postgres", "SHOW synchronous_standby_names")).toBe("\n");
  expect(await sql(server, "postgres", "SELECT count(*) FROM pg_replication_slots")).toBe("0\n");
  expect(await sql(server, "pool_x_production", "UPDATE kept_mark SET words = words RETURNING words")).toContain("still here");
});

test("a suspended environment answers nobody and keeps its data, and is back when it is no longer suspended", async () => {
  expect((await apply(tenant("nova", SHARED.replace(" }", ", suspended: true }")), tenant("pool-x", ISOLATED))).code).toBe(0);
  expect((await state("nova/production"))?.state).toBe("suspended");
  const filters = { label: [`ballast.fleet=${fleet.name}`, "ballast.stack=nova/production"] };
  expect(await docker.listContainers({ filters, all: true })).toEqual([]);
  expect((await apply(tenant("nova", SHARED), tenant("pool-x", ISOLATED))).code).toBe(0);
  expect((await fleet.signIn("nova", passwords["acme"] ?? "")).body).toContain('"username": "admin"');
});

test("what is no longer declared is kept until its date and deleted only by its name", async () => {
  const declared = await fleet.ballast("down", fleet.folder, "nova/production", "--delete-data", "--confirm", "nova");
  expect([declared.code, declared.err]).toEqual([1, expect.stringContaining("BAL-A006")]);
  expect((await apply(tenant("pool-x", ISOLATED))).code).toBe(0);
  const kept = await state("nova/production");
  const days = (Date.parse(kept?.keptUntil ?? "") - Date.now()) / 86_400_000;
  expect([kept?.state, Math.ceil(days)]).toEqual(["undeclared", 30]);
  const wrong = await fleet.ballast("down", fleet.folder, "nova/production", "--delete-data", "--confirm", "pool-x");
  expect(wrong.code).not.toBe(0);
  expect(await sql("pool/x-production/postgres", "nova_production", "SELECT words FROM kept_mark")).toContain("still here");
  const deleted = await fleet.ballast("down", fleet.folder, "nova/production", "--delete-data", "--confirm", "nova");
  expect([deleted.code, deleted.out]).toEqual([0, expect.stringContaining("nova/production is deleted, with its data")]);
  expect(await state("nova/production")).toBeUndefined();
  expect(
    await sql("pool/x-production/postgres", "postgres", "SELECT count(*) FROM pg_database WHERE datname = 'nova_production'"),
  ).toContain("0");
});

test("of all this a neighbour on the same pool felt nothing", async () => {
  const count = await (loop as NeighbourLoop).stop();
  expect([count.failed, count.requests > 30]).toEqual([[], true]);
  // It goes too, with its data, so that nothing stands on the pool any more.
  fleet.declare([...BASE, tenant("pool-x", ISOLATED)].join("\n---\n"));
  await endsWell(fleet.ballast("apply", fleet.folder, "--now", "--reason", "test"));
  await endsWell(fleet.ballast("down", fleet.folder, "kiel/production", "--delete-data", "--confirm", "kiel"));
});

test("a pool on which data of others stands is not deleted under them", async () => {
  fleet.declare([...BASE.filter((text) => !text.includes("kind: Pool")), tenant("pool-x", ISOLATED)].join("\n---\n"));
  await endsWell(fleet.ballast("apply", fleet.folder, "--now", "--reason", "test"));
  const deleted = await fleet.ballast("down", fleet.folder, "pool/x-production", "--delete-data", "--confirm", "x-production");
  expect([deleted.code, deleted.out]).toEqual([0, expect.stringContaining("pool/x-production is deleted")]);
});
