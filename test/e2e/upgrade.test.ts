import { spawn } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { processOf } from "../support/control-plane.ts";
import { until } from "../support/docker-bench.ts";
import { PACKAGE_ROOT } from "../support/docker-installation.ts";
import { launchedFleet, type Ran } from "../support/launched-fleet.ts";

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
  const up = await from(older, "up", fleet.folder, "--yes");
  if (up.code !== 0) throw new Error(up.err);
}, 600_000);
afterAll(async () => {
  await fleet.remove();
  for (const folder of copies) rmSync(folder, { recursive: true });
}, 120_000);

test("a newer command line restarts an older control plane, and says so", async () => {
  const before = processOf(fleet.installation);
  const ran = await fleet.ballast("apply", fleet.folder);
  expect([ran.code, ran.err]).toEqual([0, expect.stringMatching(/the control plane is version 0\.0\.9; it is restarted as version \d/)]);
  expect(processOf(fleet.installation)).not.toBe(before);
});

test("an older command line changes nothing under a newer control plane, and is told what to do", async () => {
  const before = processOf(fleet.installation);
  for (const words of [
    ["apply", fleet.folder],
    ["up", fleet.folder, "--yes"],
    ["down", fleet.folder],
  ]) {
    const ran = await from(older, ...words);
    expect([words[0], ran.code, ran.err]).toEqual([words[0], 4, expect.stringContaining("BAL-C009")]);
    expect(ran.err).toContain(`this command line ${OLD}`);
    expect(ran.err).toContain("bring this ballast to that version");
  }
  expect([processOf(fleet.installation), (await from(older, "status", fleet.folder)).code]).toEqual([before, 0]);
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
  const walked = await journey;
  expect([walked.code, walked.err]).toEqual([0, expect.not.stringContaining("BAL-")]);
});
