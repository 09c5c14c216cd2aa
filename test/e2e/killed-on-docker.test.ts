import { type ChildProcess, spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requestThrough } from "../../src/adapters/http/through.ts";
import type { OperationShape, StartOperation } from "../../src/api/contract/contract.ts";
import { dockerClient } from "../../src/app/machine-engine.ts";
import { apiOf, eventually } from "../support/api.ts";
import { PACKAGE_ROOT, type TestInstallation, testInstallation } from "../support/docker-installation.ts";
import { struckIn } from "../support/strike.ts";

const HELLO = readFileSync(join(PACKAGE_ROOT, "examples/hello/fleet.yaml"), "utf8");
const SHARED = "{ hosting: shared, pool: everyone }";
const MOST_RESTARTS = 60;

let own: TestInstallation;
let api: ReturnType<typeof apiOf>;
let server: ChildProcess | undefined;

beforeAll(async () => {
  own = await testInstallation("crash");
  api = apiOf(own.installation);
});
afterAll(async () => {
  await api.shutdown();
  await new Promise((resolve) => (server === undefined || server.exitCode !== null ? resolve(undefined) : server.once("exit", resolve)));
  await own.destroy();
});

function startServer(part: string): ChildProcess {
  const log = openSync(own.installation.logFile, "a");
  const args = [join(PACKAGE_ROOT, "test/support/docker-crash-child.ts"), JSON.stringify(own.installation), struckFile(), part];
  return spawn(process.execPath, args, { stdio: ["ignore", log, log] });
}

function struckFile(): string {
  return join(own.installation.root, "struck.json");
}

/** Keeps the control plane running through its deaths until the operation has ended; returns the operation and how often it died. */
async function survive(request: StartOperation, part: string): Promise<{ operation: OperationShape; deaths: number }> {
  let deaths = 0;
  let started = false;
  for (let round = 0; round < MOST_RESTARTS; round++) {
    server = startServer(part);
    const child = server;
    const died = new Promise<"died">((resolve) => child.once("exit", () => resolve("died")));
    const ended = (async () => {
      await eventually("the control plane serving", 60, async () => (await api.isUp()) || undefined);
      if (!started) started = (await api.start(request)) !== undefined;
      return await eventually("the operation's end", 300, async () => {
        const operation = await api.operation(request.id);
        return operation !== undefined && operation.state !== "running" ? operation : undefined;
      });
    })();
    const outcome = await Promise.race([died, ended]);
    if (outcome !== "died") {
      await api.shutdown();
      await died;
      return { operation: outcome, deaths };
    }
    ended.catch(() => undefined);
    deaths += 1;
    // What was posted before the death may or may not have been kept: asking again with the same id is the same operation.
    started = false;
  }
  throw new Error(`not done after ${MOST_RESTARTS} restarts`);
}

interface Credentials {
  readonly host: string;
  readonly port: number;
  readonly login: string;
  readonly password: string;
}

function credentials(): Credentials {
  const line = readFileSync(own.installation.credentialsFile, "utf8")
    .split("\n")
    .find((one) => one.startsWith("acme/production"));
  const [, url, login, password] = (line ?? "").split(/\s+/) as [string, string, string, string];
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port), login, password };
}

/** Signs in as the first user would, over HTTPS, and says who Odoo says it is. */
async function signIn(): Promise<unknown> {
  const { host, port, login, password } = credentials();
  const ca = readFileSync(join(own.installation.root, "ca.pem"), "utf8");
  const body = JSON.stringify({ jsonrpc: "2.0", method: "call", params: { db: "acme_production", login, password } });
  const headers = { "content-type": "application/json" };
  const answer = await requestThrough(
    { address: "127.0.0.1", port, ca },
    { host, path: "/web/session/authenticate", method: "POST", headers, body, seconds: 30 },
  );
  return (JSON.parse(answer.body) as { result?: { username?: unknown } }).result?.username;
}

async function containers(): Promise<readonly string[]> {
  const all = await dockerClient().listContainers({ all: true, filters: { label: [`ballast.fleet=${own.installation.fleet}`] } });
  return all.map((one) => `${one.Labels["ballast.node"]} ${one.State}`).sort();
}

const RUNNING = [
  "acme/production/odoo running",
  "platform/here/ingress running",
  "pool/everyone/pooler running",
  "pool/everyone/postgres running",
];
const actor = "test";

test("a shared tenant is provisioned, changed and removed though the control plane is killed after every step", async () => {
  const text = HELLO.replace("name: hello", `name: ${own.installation.fleet}`);
  const files = [{ path: "fleet.yaml", text }];
  const provisioned = await survive({ verb: "apply", id: "op-provision", actor, files }, "acme/production");
  expect(provisioned.operation).toMatchObject({ state: "done", result: { problems: [] } });
  expect(await containers()).toEqual(RUNNING);
  const made = struckIn(struckFile());
  expect(made.length).toBe(provisioned.deaths);
  for (const node of ["boundary", "database", "filestore", "odoo", "route", "role-password"])
    expect(made).toContain(`after create acme/production/${node}`);

  const larger = [
    { path: "fleet.yaml", text: text.replace(SHARED, "{ hosting: shared, pool: everyone, sizes: { web: { memory: 900Mi } } }") },
  ];
  const changed = await survive(
    { verb: "apply", id: "op-change", actor, files: larger, override: { reason: "a test" } },
    "acme/production/odoo",
  );
  expect(changed.operation).toMatchObject({ state: "done", result: { problems: [] } });
  expect(struckIn(struckFile())).toContain("after update acme/production/odoo");
  expect(await containers()).toEqual(RUNNING);

  server = startServer("(nothing)");
  await eventually("the control plane serving", 60, async () => (await api.isUp()) || undefined);
  expect(await signIn()).toBe("admin");
  await api.shutdown();
  await new Promise((resolve) => server?.once("exit", resolve));

  const removed = await survive({ verb: "remove", id: "op-remove", actor, confirmed: own.installation.fleet }, "acme/production");
  expect(removed.operation).toMatchObject({ state: "done", result: { problems: [] } });
  expect(struckIn(struckFile())).toContain("after remove acme/production/database");
  expect(await containers()).toEqual([]);
  const { Volumes: volumes } = await dockerClient().listVolumes({ filters: { label: [`ballast.fleet=${own.installation.fleet}`] } });
  expect(volumes ?? []).toEqual([]);
});
