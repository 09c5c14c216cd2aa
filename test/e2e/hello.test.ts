import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requestThrough } from "../../src/adapters/http/through.ts";
import { installationOf, readSurroundings } from "../../src/app/installation.ts";
import { dockerClient } from "../../src/app/machine-engine.ts";
import { PACKAGE_ROOT } from "../support/docker-installation.ts";
import { connectAs, storeDump } from "../support/postgres-probe.ts";

/** The README's example under a name of its own, brought up by the launcher as a user would. */
const FLEET = `test-hello-${randomBytes(2).toString("hex")}`;
const HELLO = readFileSync(join(PACKAGE_ROOT, "examples/hello/fleet.yaml"), "utf8").replace("name: hello", `name: ${FLEET}`);
const TENANT = HELLO.split("\n---\n").find((text) => text.includes("kind: Tenant")) as string;
const TWO = `${HELLO}\n---\n${TENANT.replace("name: acme", "name: beta")}`;
const installation = installationOf(readSurroundings(process.env), FLEET);
const folder = mkdtempSync(join(tmpdir(), "ballast-hello-"));

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function ballast(...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(PACKAGE_ROOT, "ballast"), args, { stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

function declare(text: string): void {
  writeFileSync(join(folder, "fleet.yaml"), text);
}

beforeAll(() => declare(HELLO));
afterAll(async () => {
  if (existsSync(installation.root)) await ballast("down", folder, "--delete-data", "--confirm", FLEET);
  rmSync(folder, { recursive: true, force: true });
});

interface Door {
  readonly host: string;
  readonly port: number;
  readonly password: string;
}

function door(tenant: string): Door {
  const line = readFileSync(installation.credentialsFile, "utf8")
    .split("\n")
    .find((one) => one.startsWith(`${tenant}/production `));
  const [, url, , password] = (line ?? "").split(/\s+/) as [string, string, string, string];
  return { host: new URL(url).hostname, port: Number(new URL(url).port), password };
}

async function ask(
  tenant: string,
  path: string,
  more: { headers?: Record<string, string>; body?: object } = {},
): Promise<{ status: number; body: string; cookie: string }> {
  const { host, port } = door(tenant);
  const ca = readFileSync(join(installation.root, "ca.pem"), "utf8");
  const body = more.body === undefined ? {} : { method: "POST" as const, body: JSON.stringify(more.body) };
  const headers = { "content-type": "application/json", ...more.headers };
  const answer = await requestThrough({ address: "127.0.0.1", port, ca }, { host, path, headers, seconds: 60, ...body });
  return { status: answer.status, body: answer.body, cookie: String(answer.headers["set-cookie"] ?? "") };
}

function signIn(tenant: string, password: string, database = `${tenant}_production`) {
  return ask(tenant, "/web/session/authenticate", {
    body: { jsonrpc: "2.0", method: "call", params: { db: database, login: "admin", password } },
  });
}

test("up brings a real Odoo from the fleet file, and somebody logs in with the first password", async () => {
  const up = await ballast("up", folder, "--yes");
  expect([up.code, up.err.split("\n").filter((line) => line.includes("journey acme/production"))]).toEqual([
    0,
    ["✔ journey acme/production  7 steps walked"],
  ]);
  expect(up.err).toMatch(/delivery WH\/OUT\/\d+ done/);
  const answer = await signIn("acme", door("acme").password);
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

test("a change that closes production waits for its window unless somebody takes the responsibility", async () => {
  // A calendar without windows is always closed: the clock of the machine decides nothing in this test.
  declare(
    HELLO.replace(/maintenance: .*\n/, "maintenance: []\n").replace(
      "pool: everyone }",
      "pool: everyone, sizes: { web: { memory: 900Mi } } }",
    ),
  );
  const held = await ballast("apply", folder);
  expect([held.code, held.out]).toEqual([3, expect.stringContaining("acme/production/odoo  held")]);
  const forced = await ballast("apply", folder, "--now", "--reason", "the count is blocked");
  expect([forced.code, forced.out]).toEqual([0, expect.stringContaining("1 change made")]);
});

test("reports come out whole, six at once as one alone: none waits for itself, none without its styles", async () => {
  const cookie = `session_id=${/session_id=([^;]+)/.exec((await signIn("acme", door("acme").password)).cookie)?.[1] ?? ""}`;
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
  expect((await signIn("beta", door("beta").password)).body).toContain('"username": "admin"');
  // The password of one is nothing at the other, by any name of the database.
  expect((await signIn("beta", door("acme").password)).body).toContain("Access Denied");
  expect((await signIn("beta", door("acme").password, "acme_production")).body).not.toContain('"uid": 2');
  for (const path of ["/web/database/manager", "/jsonrpc", "/xmlrpc/2/db", "/%6asonrpc", "//web//database/list"]) {
    expect([path, (await ask("acme", path)).status]).toEqual([path, 403]);
  }
  const session = /session_id=([^;]+)/.exec((await signIn("acme", door("acme").password)).cookie)?.[1] ?? "";
  const elsewhere = await ask("beta", "/web/session/get_session_info", {
    headers: { cookie: `session_id=${session}` },
    body: { jsonrpc: "2.0", params: {} },
  });
  expect(elsewhere.body).toContain("Session Expired");
});

/** The server's address and one tenant's password, as that tenant's own code could learn them. */
async function roleOf(tenant: string): Promise<{ host: string; password: string }> {
  const [server] = await dockerClient().listContainers({ filters: { label: [`ballast.fleet=${FLEET}`, "ballast.kind=postgres"] } });
  const network = Object.entries(server?.NetworkSettings.Networks ?? {}).find(([name]) => name.endsWith("pool-everyone-boundary"));
  const password = readFileSync(join(installation.volatile, "nodes", tenant, "production", "role-password", "value"), "utf8").trim();
  return { host: network?.[1].IPAddress ?? "", password };
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
  expect(containers.length).toBe(4);
  for (const one of containers) {
    const { Config: config, HostConfig: host } = await docker.getContainer(one.Id).inspect();
    expect([one.Labels["ballast.node"], config.User, host.ReadonlyRootfs, host.CapDrop, host.SecurityOpt, host.Privileged]).toEqual([
      one.Labels["ballast.node"],
      "10001:10001",
      true,
      ["ALL"],
      ["no-new-privileges"],
      false,
    ]);
    expect((host.Memory ?? 0) > 0 && (host.PidsLimit ?? 0) > 0).toBe(true);
  }
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

test("an undeclared tenant is closed and its data kept; declared again it is as it was", async () => {
  declare(HELLO);
  const closed = await ballast("apply", folder);
  expect(closed.code).not.toBe(1);
  const before = await dockerClient().listContainers({ filters: { label: [`ballast.fleet=${FLEET}`, "ballast.stack=beta/production"] } });
  expect(before).toEqual([]);
  declare(TWO);
  expect((await ballast("apply", folder)).code).not.toBe(1);
  expect((await signIn("beta", door("beta").password)).body).toContain('"username": "admin"');
});

test("down stops everything and keeps it; up brings it back, even after the volatile secrets are gone as after a reboot", async () => {
  const down = await ballast("down", folder);
  expect(down.code).toBe(0);
  expect(await dockerClient().listContainers({ filters: { label: [`ballast.fleet=${FLEET}`] } })).toEqual([]);
  rmSync(installation.volatile, { recursive: true, force: true });
  const up = await ballast("up", folder, "--yes");
  expect([up.code === 0 || up.code === 3, up.err.includes("journey")]).toEqual([true, false]);
  expect((await signIn("acme", door("acme").password)).body).toContain('"username": "admin"');
});

test("deleting wants the name, and then nothing is left", async () => {
  const refused = await ballast("down", folder, "--delete-data");
  expect(refused.code).toBe(2);
  expect((await ballast("down", folder, "--delete-data", "--confirm", "somebody-else")).code).not.toBe(0);
  expect((await ballast("status", folder)).code).toBe(0);
  const deleted = await ballast("down", folder, "--delete-data", "--confirm", FLEET);
  expect(deleted.code).toBe(0);
  const docker = dockerClient();
  const filters = { label: [`ballast.fleet=${FLEET}`] };
  expect(await docker.listContainers({ all: true, filters })).toEqual([]);
  expect(await docker.listNetworks({ filters })).toEqual([]);
  expect((await docker.listVolumes({ filters })).Volumes ?? []).toEqual([]);
  expect([existsSync(installation.root), existsSync(installation.volatile)]).toEqual([false, false]);
});
