import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dockerClient, imagesFolder, openImageShelf } from "../../../src/app/machine-engine.ts";
import { until } from "../../support/docker-bench.ts";
import { PACKAGE_ROOT } from "../../support/docker-installation.ts";
import { codesIn, type FaultyFleet, faultyFleet } from "../../support/faulty-fleet.ts";
import { loaded } from "../../support/fleets.ts";
import { canHaveOwnEngine, type OwnEngine, ownEngine } from "../../support/own-engine.ts";

const MINIMAL = "apiVersion: ballast.dev/v1alpha1\nkind: Fleet\nmetadata: { name: test }\n";
const CACHE = "/var/lib/ballast/.cache";

/** Faults of an engine and of its disk, on an engine of the test's own. */
describe.skipIf(!canHaveOwnEngine())("with an engine of its own", () => {
  let engine: OwnEngine;
  let subject: FaultyFleet;

  beforeAll(async () => {
    const docker = dockerClient();
    const shelf = await openImageShelf(docker, imagesFolder(PACKAGE_ROOT), CACHE);
    const { traefik, postgres, "odoo-19": odoo } = shelf.references(loaded(MINIMAL)) as Record<string, string>;
    const wanted = [traefik, postgres, odoo] as string[];
    for (const image of wanted) await shelf.resolve(image, () => undefined, AbortSignal.timeout(1_200_000));
    engine = await ownEngine("faults");
    subject = faultyFleet("engine", engine.inside);
    await engine.start();
    await engine.load(wanted);
  });
  afterAll(async () => {
    await engine.leaveFree(undefined);
    await engine.start().catch(() => undefined);
    await subject.fleet.remove();
    await engine.close();
  });

  const up = () => subject.fleet.ballast("up", subject.fleet.folder, "--yes");
  const served = (tenant: string) =>
    until(`a session at ${tenant}`, 180, async () => ((await subject.fleet.isServed(tenant)) ? true : undefined));

  test("a disk that fills while an image is made is named; with room again the next apply goes on", async () => {
    subject.declare([]);
    // The machine is looked at before anything begins, so the disk fills afterwards: the control plane is started by hand.
    expect((await up()).code).toBe(0);
  });

  test("an engine that is restarted gets its fleet back, by itself", async () => {
    await engine.stop();
    const status = await subject.fleet.ballast("status", subject.fleet.folder);
    expect([status.code === 0, codesIn(status)]).toEqual([false, ["BAL-E002"]]);
    await engine.start();
    expect(await served("acme")).toBe(true);
    await subject.untilServing("acme/production", 120);
  });

  test("an engine that ends midway through an apply ends it with a code; once the engine is back the tenant is made", async () => {
    subject.declare(["beta"]);
    const filters = { label: [`ballast.fleet=${subject.fleet.name}`, "ballast.stack=beta/production"] };
    const [ran] = await Promise.all([
      subject.apply(),
      until("the tenant in the making", 60, async () =>
        (await engine.docker.listNetworks({ filters })).length > 0 ? true : undefined,
      ).then(() => engine.stop("SIGKILL")),
    ]);
    expect([ran.code === 0, codesIn(ran)]).toEqual([false, expect.arrayContaining(["BAL-E002"])]);
    const absent = await up();
    expect([absent.code === 0, codesIn(absent).length > 0]).toEqual([false, true]);
    await engine.start();
    expect(await served("acme")).toBe(true);
    expect(await served("beta")).toBe(true);
    expect((await subject.apply()).code).toBe(0);
  });

  test("a disk that is full while a tenant is cloned, and while everything runs, is named; with room again nothing is lost", async () => {
    await engine.leaveFree(8);
    subject.declare(["beta", "gamma"]);
    const ran = await subject.apply();
    expect([ran.code === 0, codesIn(ran)]).toEqual([false, expect.arrayContaining(["BAL-E004"])]);
    await sleep(2000);
    await engine.leaveFree(undefined);
    await until("an apply", 180, async () => ((await subject.apply()).code === 0 ? true : undefined));
    for (const tenant of ["acme", "beta", "gamma"]) expect(await served(tenant)).toBe(true);
    expect(readFileSync(subject.fleet.installation.logFile, "utf8")).not.toContain("BAL-C015");
  });
});
