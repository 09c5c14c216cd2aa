import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requestThrough } from "../../src/adapters/http/through.ts";
import type { FleetStatus } from "../../src/api/contract/contract.ts";
import { dockerClient } from "../../src/app/machine/machine-engine.ts";
import { LOOK_EVERY_MS } from "../../src/app/reconcile/pass-loop.ts";
import { SECURITY_OPTIONS, WATCHING_OPTIONS } from "../../src/engines/docker/container/seccomp.ts";
import { attackSuite } from "../support/attacks.ts";
import { PACKAGE_ROOT } from "../support/docker-installation.ts";
import { insidesOf } from "../support/fleet-insides.ts";
import { withoutWindows } from "../support/fleet-text.ts";
import { endsWell, launchedFleet } from "../support/launched-fleet.ts";
import { connectAs, storeDump } from "../support/postgres-probe.ts";

/** The README's example under a name of its own, brought up by the launcher as a user would. */
const fleet = launchedFleet("hello");
const { ballast, declare, ask, signIn, password, folder, installation, name: FLEET } = fleet;
const HELLO = readFileSync(join(PACKAGE_ROOT, "examples/hello/fleet.yaml"), "utf8").replace("name: hello", `name: ${FLEET}`);
const TENANT = HELLO.split("\n---\n").find((text) => text.includes("kind: Tenant")) as string;
const TWO = `${HELLO}\n---\n${TENANT.replace("name: acme", "name: beta")}`;

beforeAll(() => declare(HELLO));
afterAll(() => fleet.remove());

test("up brings a real Odoo from the fleet file, and somebody logs in with the first password", async () => {
  const up = await ballast("up", folder, "--yes");
  expect([up.code, up.err.split("\n").filter((line) => line.includes("journey acme/production"))]).toEqual([
    0,
    ["✔ journey acme/production  8 steps passed"],
  ]);
  expect(up.err).toMatch(/delivery WH\/OUT\/\d+ done/);
  const answer = await signIn("acme", password("acme"));
  expect(JSON.parse(answer.body)).toMatchObject({ result: { username: "admin", db: "acme_production" } });
  expect((await signIn("acme", "wrong")).body).toContain("Access Denied");
  expect(statSync(installation.credentialsFile).mode & 0o777).toBe(0o600);
});

test("a second up finds that nothing differs", async () => {
  const up = await ballast("up", folder, "--yes", "--json");
  const last = JSON.parse(up.out.trim().split("\n").at(-1) as string) as object;
  expect(up.code).toBe(0);
  expect(JSON.stringify(last)).not.toContain('"verb":"create"');
  const plan = await ballast("plan", folder, "--exit-code");
  expect([plan.code, plan.out.split("\n")[0]]).toEqual([0, "nothing differs: 1 environment, 1 pool and 1 platform are as declared"]);
});

test("of a fleet that serves, nothing is unknown: what isolates its containers is in force, also after the next look", async () => {
  await sleep(LOOK_EVERY_MS + 10_000);
  const { stacks, notes } = JSON.parse((await endsWell(ballast("status", folder, "--json"))).out) as FleetStatus;
  expect([stacks.map(({ stack, state }) => [stack, state]), notes]).toEqual([
    ["platform/here", "pool/everyone", "acme/production"].map((stack) => [stack, "serving"]),
    ["no backups exist yet for this fleet"],
  ]);
});

/** Milliseconds for which the processes of a container have the processor, all but the one that only waits for them. */
async function slicesOf(node: string): Promise<ReadonlySet<number>> {
  const { Processes: rows } = await (await insidesOf(fleet).container(node)).top({ ps_args: "-eo pid,comm" });
  const working = rows.filter(([, name]: string[]) => name !== "docker-init").map(([pid]: string[]) => pid);
  const slices = working.map((pid: string) => /^se\.slice\s*:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/sched`, "utf8"))?.[1]);
  return new Set(slices.map((nanoseconds: string | undefined) => Number(nanoseconds) / 1_000_000));
}
const [major = 0, minor = 0] = release().split(".").map(Number);

test.skipIf(major < 6 || (major === 6 && minor < 12))("what answers people has the processor for short, and so soon", async () => {
  const nodes = ["acme/production/odoo", "pool/everyone/pooler", "pool/everyone/postgres", "platform/here/ingress"];
  expect(await Promise.all(nodes.map(slicesOf))).toEqual(nodes.map(() => new Set([0.2])));
});

test("a change that closes production waits for its window unless somebody takes the responsibility", async () => {
  declare(withoutWindows(HELLO).replace("pool: everyone }", "pool: everyone, sizes: { web: { memory: 900Mi } } }"));
  const held = await ballast("apply", folder);
  expect([held.code, held.out]).toEqual([3, expect.stringContaining("acme/production/odoo  held")]);
  const forced = await ballast("apply", folder, "--now", "--reason", "the count is blocked");
  expect([forced.code, forced.out]).toEqual([0, expect.stringContaining("1 change made")]);
});

test("reports come out whole, six at once as one alone: none waits for itself, none without its styles", async () => {
  const cookie = (await signIn("acme", password("acme"))).session;
  async function create(model: string, values: object): Promise<number> {
    const params = { model, method: "create", args: [values], kwargs: {} };
    return (
      JSON.parse((await ask("acme", "/web/dataset/call_kw", { headers: { cookie }, body: { jsonrpc: "2.0", params } })).body) as {
        result: number;
      }
    ).result;
  }
  const order = await create("sale.order", { partner_id: await create("res.partner", { name: "Reader" }) });
  const print = () => ask("acme", `/report/pdf/sale.report_saleorder/${order}`, { headers: { cookie } });
  const alone = await print();
  expect([alone.status, alone.body.slice(0, 5), alone.body.length > 20_000]).toEqual([200, "%PDF-", true]);
  const together = await Promise.all([1, 2, 3, 4, 5, 6].map(print));
  expect(together.map((report) => [report.status, report.body.length])).toEqual(together.map(() => [200, alone.body.length]));
});

test("two tenants share a server and nothing else", async () => {
  declare(TWO);
  expect((await ballast("apply", folder)).code).not.toBe(1);
  expect((await signIn("beta", password("beta"))).body).toContain('"username": "admin"');
  // The password of one is nothing at the other, by any name of the database.
  expect((await signIn("beta", password("acme"))).body).toContain("Access Denied");
  expect((await signIn("beta", password("acme"), "acme_production")).body).not.toContain('"uid": 2');
});

attackSuite({ fleet, insides: insidesOf(fleet), tenant: "acme", victims: ["beta/production"], series: "19.0" });

/** The server's address and one tenant's password, as that tenant's own code could learn them. */
async function roleOf(tenant: string): Promise<{ host: string; password: string }> {
  const [server] = await dockerClient().listContainers({ filters: { label: [`ballast.fleet=${FLEET}`, "ballast.kind=postgres"] } });
  const network = server?.NetworkSettings.Networks[server.HostConfig.NetworkMode ?? ""];
  const password = readFileSync(join(installation.volatile, "nodes", tenant, "production", "role-password", "value"), "utf8").trim();
  return { host: network?.IPAddress ?? "", password };
}

test("a tenant's role reaches its own database and no other, and may make none", async () => {
  const { host, password } = await roleOf("acme");
  expect(await connectAs("acme_production", "acme_production", password, host)).toBe("connected");
  expect(await connectAs("acme_production", "beta_production", password, host)).toBe('permission denied for database "beta_production"');
  expect(await connectAs("acme_production", "template1", password, host)).toBe('permission denied for database "template1"');
  expect(await connectAs("beta_production", "beta_production", password, host)).toContain("password authentication failed");
  const client = new pg.Client({ host, user: "acme_production", password, database: "acme_production" });
  client.on("error", () => undefined);
  await client.connect();
  await expect(client.query("CREATE DATABASE mine")).rejects.toThrow("permission denied");
  await expect(client.query("CREATE ROLE mine")).rejects.toThrow("permission denied");
  await expect(client.query("COPY (SELECT 1) TO PROGRAM 'id'")).rejects.toThrow("must be superuser");
  await client.end();
});

test("every container runs without root, privileges, capabilities or a writable root", async () => {
  const docker = dockerClient();
  const containers = await docker.listContainers({ filters: { label: [`ballast.fleet=${FLEET}`] } });
  expect(containers.length).toBe(5);
  for (const one of containers) {
    const { Config: config, HostConfig: host } = await docker.getContainer(one.Id).inspect();
    expect([one.Labels["ballast.node"], config.User, host.ReadonlyRootfs, host.CapDrop, host.SecurityOpt, host.Privileged]).toEqual([
      one.Labels["ballast.node"],
      "10001:10001",
      true,
      ["ALL"],
      [...(one.Labels["ballast.kind"] === "ingress" ? WATCHING_OPTIONS : SECURITY_OPTIONS)],
      false,
    ]);
    expect((host.Memory ?? 0) > 0 && (host.PidsLimit ?? 0) > 0).toBe(true);
  }
});

test("code in an Odoo has nothing of what the kernel gives all containers together to watch files with", async () => {
  const code = "import ctypes; l = ctypes.CDLL(None, use_errno=True); print(l.inotify_init1(0), ctypes.get_errno())";
  expect((await insidesOf(fleet).inside("acme/production/odoo", ["python3", "-c", code])).text.trim()).toBe("-1 1");
});

test("no secret is in labels, environment, plans, status, logs or the store", async () => {
  const secrets = ["acme", "beta"].flatMap((tenant) =>
    ["role-password", "admin-password", "master-password", "api-key"].map((name) =>
      readFileSync(join(installation.volatile, "nodes", tenant, "production", name, "value"), "utf8").trim(),
    ),
  );
  const docker = dockerClient();
  const containers = await docker.listContainers({ all: true, filters: { label: [`ballast.fleet=${FLEET}`] } });
  const seen: string[] = [readFileSync(installation.logFile, "utf8")];
  for (const one of containers) {
    seen.push(JSON.stringify(await docker.getContainer(one.Id).inspect()));
    seen.push(String(await docker.getContainer(one.Id).logs({ stdout: true, stderr: true })));
  }
  for (const args of [
    ["plan", folder],
    ["status", folder],
    ["operations", folder],
    ["explain", folder, "acme/production"],
  ]) {
    seen.push((await ballast(...args, "--json")).out);
  }
  const { host } = await roleOf("acme");
  expect(host).not.toBe("");
  const dump = await storeDump(installation.postgres);
  expect(dump.length).toBeGreaterThan(10_000);
  seen.push(dump);
  expect(secrets.filter((secret) => seen.some((text) => text.includes(secret)))).toEqual([]);
});

test("an undeclared tenant serves until its window, is closed and its data kept; declared again it is as it was", async () => {
  const running = () => dockerClient().listContainers({ filters: { label: [`ballast.fleet=${FLEET}`, "ballast.stack=beta/production"] } });
  // What waits for its window from before is not what is asked here.
  await endsWell(ballast("apply", folder, "--now", "--reason", "test"));
  declare(withoutWindows(TWO));
  expect((await ballast("apply", folder)).code).toBe(0);
  declare(withoutWindows(HELLO));
  expect((await ballast("apply", folder)).code).toBe(3);
  expect((await running()).length).toBeGreaterThan(0);
  const page = { host: fleet.host("acme").replace("acme", "beta"), path: "/web/login", seconds: 20 };
  expect((await requestThrough(fleet.entrance("acme"), page)).status).toBe(200);
  await endsWell(ballast("apply", folder, "--now", "--reason", "test"));
  expect(await running()).toEqual([]);
  declare(TWO);
  expect((await ballast("apply", folder)).code).toBe(0);
  expect((await signIn("beta", password("beta"))).body).toContain('"username": "admin"');
});

test("down stops everything and keeps it; up brings it back, even after the volatile secrets are gone as after a reboot", async () => {
  const asked = await ballast("down", folder);
  expect([asked.code, asked.err]).toEqual([1, expect.stringContaining(`BAL-A043 error  stopping ${FLEET} closes`)]);
  const down = await ballast("down", folder, "--confirm", FLEET, "--reason", "test");
  expect(down.code).toBe(0);
  expect(await dockerClient().listContainers({ filters: { label: [`ballast.fleet=${FLEET}`] } })).toEqual([]);
  const status = await ballast("status", folder);
  expect([status.code, status.err]).toEqual([
    1,
    expect.stringMatching(/BAL-C110 error  the fleet is stopped, as somebody asked for: since /),
  ]);
  rmSync(installation.volatile, { recursive: true, force: true });
  const up = await ballast("up", folder, "--yes");
  expect([up.code === 0 || up.code === 3, up.err.includes("journey")]).toEqual([true, false]);
  expect((await signIn("acme", password("acme"))).body).toContain('"username": "admin"');
});

test("deleting wants the name, and then nothing is left", async () => {
  const refused = await ballast("down", folder, "--delete-data");
  expect(refused.code).toBe(2);
  expect((await ballast("down", folder, "--delete-data", "--confirm", "somebody-else")).code).not.toBe(0);
  await endsWell(ballast("status", folder));
  const deleted = await ballast("down", folder, "--delete-data", "--confirm", FLEET);
  expect(deleted.code).toBe(0);
  const docker = dockerClient();
  const filters = { label: [`ballast.fleet=${FLEET}`] };
  expect(await docker.listContainers({ all: true, filters })).toEqual([]);
  expect(await docker.listNetworks({ filters })).toEqual([]);
  expect((await docker.listVolumes({ filters })).Volumes ?? []).toEqual([]);
  expect([existsSync(installation.root), existsSync(installation.volatile)]).toEqual([false, false]);
});
