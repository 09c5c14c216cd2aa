import { spawn } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dockerClient } from "../../src/app/machine/machine-engine.ts";
import { processOf } from "../support/control-plane.ts";
import { until } from "../support/docker-bench.ts";
import { PACKAGE_ROOT } from "../support/docker-installation.ts";
import { endsWell, launchedFleet, type Ran } from "../support/launched-fleet.ts";

const docker = dockerClient();
const fleet = launchedFleet("upgrade");
const HELLO = readFileSync(join(PACKAGE_ROOT, "examples/hello/fleet.yaml"), "utf8").replace("name: hello", `name: ${fleet.name}`);
const OLD = "0.0.9";
const copies: string[] = [];

/** Another checkout of this program, equal to this one to the second. */
function checkout(): string {
  const folder = mkdtempSync(join(tmpdir(), "ballast-checkout-"));
  // The store's PostgreSQL does not run as root and must be able to pass through.
  chmodSync(folder, 0o755);
  for (const part of ["src", "images", "package.json"])
    cpSync(join(PACKAGE_ROOT, part), join(folder, part), { recursive: true, preserveTimestamps: true });
  symlinkSync(join(PACKAGE_ROOT, "node_modules"), join(folder, "node_modules"));
  copies.push(folder);
  return folder;
}

/** Has it name what it makes as versions did before names had hashes. */
function namedAsBefore(folder: string): void {
  const file = join(folder, "src/engines/docker/observe/labels.ts");
  const [before, after] = ["  const beginning = ownBeginning(owner);\n", "  if (part === undefined) return formerObjectName(owner, id);\n"];
  const text = readFileSync(file, "utf8");
  if (!text.includes(before)) throw new Error(`${file} does not say: ${before}`);
  writeFileSync(file, text.replace(before, `${after}${before}`));
}

const filters = { label: [`ballast.fleet=${fleet.name}`] };

/** Containers by the node that they are of: name, and when it was started. */
async function running(): Promise<Readonly<Record<string, readonly [name: string, since: string]>>> {
  const found = await docker.listContainers({ filters });
  const told = found.map(async ({ Id, Labels }) => {
    const { Name, State } = await docker.getContainer(Id).inspect();
    return [Labels["ballast.node"] ?? "", [Name.slice(1), State.StartedAt]] as const;
  });
  return Object.fromEntries(await Promise.all(told));
}

/** Networks and volumes by name. */
async function kept(): Promise<readonly string[]> {
  const networks = (await docker.listNetworks({ filters })).map((one) => one.Name);
  return [...networks, ...(await docker.listVolumes({ filters })).Volumes.map((one) => one.Name)].sort();
}

function from(folder: string, ...words: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [join(folder, "src/cli/main.ts"), ...words], { stdio: ["ignore", "pipe", "pipe"] });
  return new Promise((resolve) => {
    let [out, err] = ["", ""];
    child.stdout.on("data", (piece: Buffer) => (out += piece.toString()));
    child.stderr.on("data", (piece: Buffer) => (err += piece.toString()));
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

let older: string;

beforeAll(async () => {
  fleet.declare(HELLO);
  older = checkout();
  const file = join(older, "package.json");
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, "utf8")) as object), version: OLD }));
  namedAsBefore(older);
  const up = await from(older, "up", fleet.folder, "--yes");
  if (up.code !== 0) throw new Error(up.err);
}, 600_000);
afterAll(async () => {
  await fleet.remove();
  for (const folder of copies) rmSync(folder, { recursive: true });
}, 120_000);

test("a newer command line restarts an older control plane, and says so; what bears a name of before runs on, untouched", async () => {
  const before = processOf(fleet.installation);
  const objects = [await running(), await kept()];
  const names = Object.values(objects[0] as Awaited<ReturnType<typeof running>>).map(([name]) => name);
  expect(names).toContainEqual(expect.stringMatching(/^test-upgrade-[0-9a-f]{4}-[0-9a-f]{8}-acme-production-odoo$/));
  const ran = await fleet.ballast("apply", fleet.folder);
  expect([ran.code, ran.err]).toEqual([0, expect.stringMatching(/the control plane is version 0\.0\.9; it is restarted as version \d/)]);
  expect(processOf(fleet.installation)).not.toBe(before);
  expect([await running(), await kept()]).toEqual(objects);
  expect([(await fleet.ballast("plan", fleet.folder, "--exit-code")).code, await fleet.isServed("acme")]).toEqual([0, true]);
});

test("an older command line changes nothing under a newer control plane, and is told what to do", async () => {
  const before = processOf(fleet.installation);
  for (const words of [
    ["apply", fleet.folder],
    ["up", fleet.folder, "--yes"],
    ["down", fleet.folder, "--confirm", fleet.name, "--reason", "test"],
  ]) {
    const ran = await from(older, ...words);
    expect([words[0], ran.code, ran.err]).toEqual([words[0], 4, expect.stringContaining("BAL-C009")]);
    expect(ran.err).toContain(`this command line ${OLD}`);
    expect(ran.err).toContain("bring this ballast to that version");
  }
  const status = await from(older, "status", fleet.folder);
  expect([processOf(fleet.installation), status.code, status.out + status.err]).toEqual([before, 0, expect.any(String)]);
});

test("an equal checkout leaves the control plane alone", async () => {
  const before = processOf(fleet.installation);
  const ran = await from(checkout(), "apply", fleet.folder);
  expect([ran.code, ran.err, processOf(fleet.installation)]).toEqual([0, expect.not.stringContaining("restarted"), before]);
});

test("a changed checkout restarts the control plane, which takes up the work that it finds", async () => {
  const changed = checkout();
  utimesSync(join(changed, "src/kernel/problem.ts"), 1000, 1000);
  const journey = fleet.ballast("journey", fleet.folder, "acme/production");
  const id = await until("a journey that runs", 30, async () => {
    const { out } = await fleet.ballast("operations", "--fleet", fleet.name, "--json");
    const { items } = JSON.parse(out) as { items: readonly { id: string; verb: string; state: string }[] };
    return items.find((item) => item.verb === "journey" && item.state === "running")?.id;
  });
  const ran = await from(changed, "apply", fleet.folder);
  expect([ran.code, ran.err]).toEqual([
    0,
    expect.stringMatching(/is build \w+; it is restarted as build \w+; it takes up what is unfinished/),
  ]);
  expect(ran.err).toContain(id);
  const passed = await journey;
  expect([passed.code, passed.err]).toEqual([0, expect.not.stringContaining("BAL-")]);
});

test("a container of an older name is recreated under its new one with the next change of it, on the network and the data that are there", async () => {
  const before = await running();
  const objects = await kept();
  fleet.declare(HELLO.replace("pool: everyone }", "pool: everyone, sizes: { web: { memory: 1Gi } } }"));
  const ran = await fleet.ballast("apply", fleet.folder, "--now", "--reason", "test");
  expect([ran.code, ran.err]).toEqual([0, expect.not.stringContaining("BAL-")]);
  const now = await running();
  expect(Object.keys(now).filter((node) => now[node]?.[0] !== before[node]?.[0])).toEqual(["acme/production/odoo"]);
  expect(now["acme/production/odoo"]?.[0]).toMatch(/-acme-production-odoo-[0-9a-z]{10}$/);
  expect([await kept(), await fleet.isServed("acme")]).toEqual([objects, true]);
  await endsWell(fleet.ballast("plan", fleet.folder, "--exit-code"));
});
