import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, openSync, readFileSync, renameSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dockerClient } from "../../../src/app/machine/machine-engine.ts";
import { endControlPlane, processOf } from "../../support/control-plane.ts";
import { until } from "../../support/docker-bench.ts";
import { PACKAGE_ROOT } from "../../support/docker-installation.ts";
import { codesIn, faultyFleet } from "../../support/faulty-fleet.ts";
import { endsWell } from "../../support/launched-fleet.ts";

const docker = dockerClient();
const subject = faultyFleet("store");
const { fleet, declare, apply, untilServing } = subject;
const { installation } = fleet;

beforeAll(async () => {
  declare([]);
  const up = await fleet.ballast("up", fleet.folder, "--yes");
  if (up.code !== 0) throw new Error(up.err);
});
afterAll(() => fleet.remove());

const up = () => fleet.ballast("up", fleet.folder, "--yes");

/** A control plane in the hands of the test, as a person would start a second one. */
function startSecond(waitSeconds: number): ChildProcess {
  const log = openSync(installation.logFile, "a");
  const words = ["server", "--fleet-name", fleet.name, "--wait", String(waitSeconds)];
  return spawn(process.execPath, [join(PACKAGE_ROOT, "src/cli/main.ts"), ...words], { stdio: ["ignore", log, log] });
}

async function untilServedBy(pid: number | undefined): Promise<void> {
  await until(`process ${pid} serving`, 60, async () => (processOf(installation) === pid ? true : undefined));
  await untilServing("acme/production");
}

describe("the store", () => {
  test("that is killed while a tenant is made begins again with its control plane, and the apply ends well", async () => {
    // One that goes within half a minute of its start is left to whoever watches over the process.
    await sleep(30_000);
    const before = processOf(installation);
    declare(["beta"]);
    const filters = { label: [`ballast.fleet=${fleet.name}`, "ballast.stack=beta/production"] };
    const [ran] = await Promise.all([
      apply(),
      until("the tenant in the making", 60, async () => ((await docker.listNetworks({ filters })).length > 0 ? true : undefined)).then(
        () => {
          const postmaster = Number(readFileSync(join(installation.postgres, "data/postmaster.pid"), "utf8").split("\n")[0]);
          process.kill(postmaster, "SIGKILL");
        },
      ),
    ]);
    expect([ran.code, await fleet.isServed("beta")]).toEqual([0, true]);
    expect(readFileSync(installation.logFile, "utf8")).toContain("BAL-S009");
    expect(processOf(installation)).toBe(before);
  });

  test("whose folder is missing is missed by name, not recreated; once it is back, everything is as it was", async () => {
    await endControlPlane(installation);
    const [there, away] = [join(installation.postgres, "data"), join(installation.root, "mislaid")];
    renameSync(there, away);
    const refused = await up();
    expect([refused.code === 0, codesIn(refused), existsSync(there)]).toEqual([false, ["BAL-C010", "BAL-S007"], false]);
    expect(await fleet.isServed("acme")).toBe(true);
    renameSync(away, there);
    expect([(await up()).code, await fleet.isServed("beta")]).toEqual([0, true]);
  });

  test("whose key is missing is not given a new one", async () => {
    await endControlPlane(installation);
    renameSync(installation.keyFile, `${installation.keyFile}.mislaid`);
    const refused = await up();
    expect([refused.code === 0, codesIn(refused), existsSync(installation.keyFile)]).toEqual([false, ["BAL-C010", "BAL-S010"], false]);
    renameSync(`${installation.keyFile}.mislaid`, installation.keyFile);
    expect([(await up()).code, await fleet.isServed("acme")]).toEqual([0, true]);
  });
});

describe("a second control plane", () => {
  test("is refused while the first leads", async () => {
    const second = startSecond(0);
    const [code] = await once(second, "exit");
    expect([code, readFileSync(installation.logFile, "utf8").includes("BAL-S006")]).toEqual([1, true]);
    await untilServing("acme/production");
  });

  test("that waits takes over when the first is killed, and when the first ends and takes its store along", async () => {
    const second = startSecond(300);
    await sleep(3000);
    process.kill(processOf(installation), "SIGKILL");
    await untilServedBy(second.pid);
    const third = startSecond(300);
    await sleep(3000);
    await endControlPlane(installation);
    await untilServedBy(third.pid);
    expect([(await apply()).code, await fleet.isServed("acme")]).toEqual([0, true]);
  });
});

test("objects with our labels and somebody else's instance are told by doctor, and stay", async () => {
  const Labels = {
    "ballast.fleet": fleet.name,
    "ballast.instance": "0badcafe",
    "ballast.stack": "acme/production",
    "ballast.node": "acme/production/filestore",
  };
  const Name = `${fleet.name}-0badcafe-acme-production-filestore`;
  await docker.createVolume({ Name, Labels });
  try {
    const applied = await apply();
    const { out } = await fleet.ballast("doctor");
    expect([applied.code, out]).toEqual([0, expect.stringContaining(`fleet ${fleet.name}, instance 0badcafe`)]);
    await untilServing("acme/production");
    expect((await docker.getVolume(Name).inspect()).Name).toBe(Name);
  } finally {
    await docker.getVolume(Name).remove({ force: true });
  }
});

test("a port that a stranger took while the fleet lay still is named; once it is free, the fleet comes up on it", async () => {
  const { port } = fleet.entrance("acme");
  await endsWell(fleet.ballast("down", fleet.folder, "--confirm", fleet.name, "--reason", "test"));
  const stranger = createServer().listen(port, "127.0.0.1");
  await once(stranger, "listening");
  try {
    const refused = await up();
    expect([refused.code === 0, codesIn(refused)]).toEqual([false, expect.arrayContaining(["BAL-E006"])]);
    expect(refused.err).toContain(String(port));
  } finally {
    stranger.close();
  }
  const again = await up();
  expect([again.code, codesIn(again), await fleet.isServed("acme"), await fleet.isServed("beta")]).toEqual([0, [], true, true]);
});
