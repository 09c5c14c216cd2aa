import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FleetStatus } from "../../src/api/contract/contract.ts";
import { dockerClient } from "../../src/app/machine/machine-engine.ts";
import { until } from "../support/docker-bench.ts";
import { PACKAGE_ROOT } from "../support/docker-installation.ts";
import { endsWell, launchedFleet } from "../support/launched-fleet.ts";
import { storeDump } from "../support/postgres-probe.ts";

/** What a user may wait for at most before drift is seen. */
const SEEN_SECONDS = 15;
const MIB = 1024 * 1024;

const docker = dockerClient();
const fleet = launchedFleet("drift");
const HELLO = readFileSync(join(PACKAGE_ROOT, "examples/hello/fleet.yaml"), "utf8").replace("name: hello", `name: ${fleet.name}`);
const TENANT = HELLO.split("\n---\n").find((text) => text.includes("kind: Tenant")) as string;
const WATCHED = `apiVersion: ballast.dev/v1alpha1\nkind: Tier\nmetadata: { name: watched }\nspec: { basedOn: standard, drift: report }`;
const BETA = TENANT.replace("name: acme", "name: beta").replace("pool: everyone }", "pool: everyone, tier: watched }");

beforeAll(async () => {
  fleet.declare([HELLO, WATCHED, BETA].join("\n---\n"));
  const up = await fleet.ballast("up", fleet.folder, "--yes");
  if (up.code !== 0) throw new Error(up.err);
}, 600_000);
afterAll(async () => {
  await fleet.remove();
}, 120_000);

async function container(node: string, all = false) {
  const filters = { label: [`ballast.fleet=${fleet.name}`, `ballast.node=${node}`] };
  const [found] = await docker.listContainers({ filters, all });
  return found;
}

async function stack(id: string): Promise<FleetStatus["stacks"][number]> {
  const { out } = await fleet.ballast("status", fleet.folder, "--json");
  const found = (JSON.parse(out) as FleetStatus).stacks.find((one) => one.stack === id);
  if (found === undefined) throw new Error(`no stack ${id} in ${out}`);
  return found;
}

async function untilServing(id: string): Promise<void> {
  await until(`${id} serving without drift`, SEEN_SECONDS + 30, async () => {
    const { state, drift, changing } = await stack(id);
    return state === "serving" && drift.length === 0 && changing === undefined ? true : undefined;
  });
}

async function untilWritten(words: string): Promise<void> {
  await until(`"${words}" in the ledger`, SEEN_SECONDS, async () =>
    (await storeDump(fleet.installation.postgres)).includes(words) ? true : undefined,
  );
}

/** A container that was just made counts as serving while its first health check is awaited. */
async function untilSignedIn(): Promise<true> {
  return await until("a session at acme", 60, async () =>
    (await fleet.signIn("acme", fleet.password("acme"))).body.includes('"username": "admin"') ? true : undefined,
  );
}

test("a stopped process is seen, written down with its words, and started again", async () => {
  const odoo = await container("acme/production/odoo");
  await docker.getContainer(odoo?.Id ?? "").stop({ t: 3 });
  await untilWritten("acme/production/odoo is stopped: Exited");
  await untilServing("acme/production");
  expect((await container("acme/production/odoo"))?.Id).toBe(odoo?.Id);
});

test("a deleted container is made again", async () => {
  const odoo = await container("acme/production/odoo");
  await docker.getContainer(odoo?.Id ?? "").remove({ force: true });
  await untilWritten("acme/production/odoo is not there");
  await untilServing("acme/production");
  expect(await untilSignedIn()).toBe(true);
});

test("a limit that somebody lowered is put back without a restart, and both values are written down", async () => {
  const odoo = await container("acme/production/odoo");
  const started = (await docker.getContainer(odoo?.Id ?? "").inspect()).State.StartedAt;
  await docker.getContainer(odoo?.Id ?? "").update({ Memory: 500 * MIB, MemorySwap: 500 * MIB });
  await untilWritten("acme/production/odoo memoryMiB 768 → 500");
  await untilServing("acme/production");
  const now = await docker.getContainer(odoo?.Id ?? "").inspect();
  expect([now.HostConfig.Memory, now.State.StartedAt]).toEqual([768 * MIB, started]);
});

test("a server that was taken out of a tenant's reach is led back", async () => {
  const pooler = await container("pool/everyone/pooler");
  const network = Object.keys(pooler?.NetworkSettings.Networks ?? {}).find((name) => name.includes("acme-production"));
  await docker.getNetwork(network ?? "").disconnect({ Container: pooler?.Id ?? "", Force: true });
  await untilWritten("acme/production/odoo reach of pool/everyone/pooler sql → cut off");
  await untilServing("acme/production");
  expect(await untilSignedIn()).toBe(true);
});

test("a route that was deleted from the ingress's folder is written again", async () => {
  const folder = join(fleet.installation.root, "ingress");
  const file = readdirSync(folder).find((name) => name.startsWith("acme-production-route"));
  rmSync(join(folder, file ?? ""));
  await untilWritten("acme/production/route is not there");
  await untilServing("acme/production");
  expect((await fleet.ask("acme", "/web/login")).status).toBe(200);
});

test("a container that is not ours in a tenant's network is named and left alone", async () => {
  const odoo = await container("acme/production/odoo");
  const network = Object.keys(odoo?.NetworkSettings.Networks ?? {})[0] ?? "";
  const name = `${fleet.name.replace("test-", "stranger-")}`;
  const stranger = await docker.createContainer({
    name,
    Image: odoo?.ImageID ?? "",
    Entrypoint: ["sleep"],
    Cmd: ["300"],
    HostConfig: { NetworkMode: network },
  });
  try {
    await stranger.start();
    await untilWritten(`acme/production/boundary a container that is not ours stands in it none → ${name}`);
    expect((await stack("acme/production")).drift).toEqual([
      { node: "acme/production/boundary", kind: "foreign", says: `a container that is not ours stands in it none → ${name}` },
    ]);
    expect((await stranger.inspect()).State.Running).toBe(true);
  } finally {
    await stranger.remove({ force: true });
  }
  await untilServing("acme/production");
});

test("what has the name of a container of ours keeps it from being replaced, and takes nobody's page", async () => {
  const odoo = await container("acme/production/odoo");
  const name = odoo?.Names[0]?.slice(1) ?? "";
  const ours = docker.getContainer(odoo?.Id ?? "");
  await ours.rename({ name: `${name}-moved` });
  const stranger = await docker.createContainer({ name, Image: odoo?.ImageID ?? "", Entrypoint: ["sleep"], Cmd: ["300"] });
  const text = readFileSync(join(fleet.folder, "fleet.yaml"), "utf8");
  try {
    expect((await stack("acme/production")).drift).toEqual([]);
    fleet.declare(
      text.replace("name: acme }", "name: acme }\n# another size").replace(/(kind: Tenant[^]*?name: acme[^]*?hosting: )/, "$1"),
    );
    fleet.declare(text.replace("pool: everyone }", "pool: everyone, sizes: { web: { memory: 1200Mi } } }"));
    const ran = await fleet.ballast("apply", fleet.folder, "--now", "--reason", "a test");
    expect([ran.code, ran.err]).toEqual([1, expect.stringContaining(`BAL-E006 error  a container named ${name} is not ours`)]);
    expect([(await ours.inspect()).State.Running, (await fleet.ask("acme", "/web/login")).status]).toEqual([true, 200]);
  } finally {
    await stranger.remove({ force: true });
    await ours.rename({ name }).catch(() => undefined);
    fleet.declare(text);
  }
  await endsWell(fleet.ballast("apply", fleet.folder, "--now", "--reason", "a test"));
  await untilServing("acme/production");
});

test("where the tier says report, drift is told and nothing is touched until somebody applies", async () => {
  const odoo = await container("beta/production/odoo");
  await docker.getContainer(odoo?.Id ?? "").stop({ t: 3 });
  await untilWritten("report: the tier says to report drift, not to repair it");
  const { state, because } = await stack("beta/production");
  expect([state, because[0]]).toEqual(["down", expect.stringContaining("beta/production/odoo is stopped (Exited")]);
  const operations = await fleet.ballast("operations", "--fleet", fleet.name, "--json");
  expect(operations.out).not.toContain("reconcile-beta-production");
  await endsWell(fleet.ballast("apply", fleet.folder));
  await untilServing("beta/production");
});

test("after down nothing is brought back", async () => {
  await endsWell(fleet.ballast("down", fleet.folder, "--confirm", fleet.name, "--reason", "test"));
  expect(await docker.listContainers({ filters: { label: [`ballast.fleet=${fleet.name}`] } })).toEqual([]);
});
