import { spawn } from "node:child_process";
import { openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dockerClient } from "../../src/app/machine/machine-engine.ts";
import { endControlPlane, inStore } from "../support/control-plane.ts";
import { until } from "../support/docker-bench.ts";
import { PACKAGE_ROOT } from "../support/docker-installation.ts";
import { endsWell, launchedFleet } from "../support/launched-fleet.ts";

const docker = dockerClient();
const fleet = launchedFleet("restart");
const HELLO = readFileSync(join(PACKAGE_ROOT, "examples/hello/fleet.yaml"), "utf8").replace("name: hello", `name: ${fleet.name}`);
const TENANT = HELLO.split("\n---\n").find((text) => text.includes("kind: Tenant")) as string;
/** A tier that only reports drift: what a restart of the machine leaves is none. */
const WATCHED = `apiVersion: ballast.dev/v1alpha1\nkind: Tier\nmetadata: { name: watched }\nspec: { basedOn: standard, drift: report }`;
const BETA = TENANT.replace("name: acme", "name: beta").replace("pool: everyone }", "pool: everyone, tier: watched }");
const OURS = { filters: { label: [`ballast.fleet=${fleet.name}`] } };

beforeAll(async () => {
  fleet.declare([HELLO, WATCHED, BETA].join("\n---\n"));
  const up = await fleet.ballast("up", fleet.folder, "--yes");
  if (up.code !== 0) throw new Error(up.err);
}, 600_000);
afterAll(async () => {
  await fleet.remove();
}, 120_000);

/** Leaves the fleet as the machine's own restart would: everything lies still, what lay in memory is gone, the boot is another. */
async function restartMachine(): Promise<void> {
  await endControlPlane(fleet.installation);
  for (const { Id } of await docker.listContainers(OURS)) await docker.getContainer(Id).stop({ t: 10 });
  rmSync(fleet.installation.volatile, { recursive: true });
  await forgetBoot();
}

async function forgetBoot(): Promise<void> {
  const sql = `UPDATE setting SET value = '{"boot":"the one before"}' WHERE key = 'machine-run' RETURNING key`;
  expect(await inStore(fleet.installation, false, sql)).toEqual([{ key: "machine-run" }]);
}

/** As the unit of the service starts it. */
function startControlPlane(): void {
  const log = openSync(fleet.installation.logFile, "a");
  spawn(join(PACKAGE_ROOT, "ballast"), ["server", "--fleet-name", fleet.name], { detached: true, stdio: ["ignore", log, log] }).unref();
}

async function keptBoot(): Promise<string | undefined> {
  const [row] = await inStore<{ boot: string }>(
    fleet.installation,
    true,
    "SELECT value->>'boot' AS boot FROM setting WHERE key = 'machine-run'",
  );
  return row?.boot;
}

const BOOT = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();

test("after a restart of the machine the control plane brings everything back by itself, whatever the tier says of drift", async () => {
  await restartMachine();
  expect(await docker.listContainers(OURS)).toEqual([]);
  startControlPlane();
  for (const tenant of ["acme", "beta"])
    await until(`a session at ${tenant}`, 180, async () =>
      (await fleet.signIn(tenant, fleet.password(tenant))).body.includes('"username": "admin"') ? true : undefined,
    );
  await until("the end of the return", 60, async () => ((await keptBoot()) === BOOT ? true : undefined));
  const { out } = await fleet.ballast("operations", "--fleet", fleet.name, "--json");
  const { items } = JSON.parse(out) as { items: readonly { id: string; actor: string; verb: string; state: string }[] };
  const [returned] = items.filter((item) => item.id.startsWith("return-"));
  expect(returned).toMatchObject({ actor: "reconciler", verb: "apply", state: "done" });
  const why = await fleet.ballast("why", returned?.id ?? "", "--fleet", fleet.name);
  expect([why.code, (await fleet.ballast("plan", fleet.folder, "--exit-code")).code]).toEqual([0, 0]);
});

test("doctor knows the fleet: its control plane, key, certificates and images", async () => {
  const { code, out } = await fleet.ballast("doctor", "--json");
  const { findings } = JSON.parse(out) as { findings: readonly { id: string; state: string; text: string }[] };
  const own = findings.filter(({ text }) => text.startsWith(`${fleet.name}: `)).map(({ id, state }) => [id, state]);
  expect([code, own]).toEqual([
    0,
    [
      ["control plane", "ok"],
      ["store", "ok"],
      ["sealing key", "ok"],
      ["certificate", "ok"],
      ["certificate", "ok"],
      ["service", "warning"],
    ],
  ]);
  const images = findings.find(({ id }) => id === "images");
  expect(images?.text).not.toContain(fleet.name);
});

test("after down a restart brings nothing back", async () => {
  await endsWell(fleet.ballast("down", fleet.folder, "--confirm", fleet.name, "--reason", "test"));
  await forgetBoot();
  startControlPlane();
  // The boot is remembered by the look that decided about it.
  await until("the first look", 60, async () => ((await keptBoot()) === BOOT ? true : undefined));
  const returned = await inStore(fleet.installation, true, "SELECT id FROM operation WHERE id LIKE 'return-%' AND parent IS NULL");
  expect([returned.length, await docker.listContainers(OURS)]).toEqual([1, []]);
  await endControlPlane(fleet.installation);
});
