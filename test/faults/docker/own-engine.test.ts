import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dockerClient, imagesFolder, openImageStore } from "../../../src/app/machine/machine-engine.ts";
import { until } from "../../support/docker-bench.ts";
import { PACKAGE_ROOT } from "../../support/docker-installation.ts";
import { codesIn, type FaultyFleet, faultyFleet } from "../../support/faulty-fleet.ts";
import { loaded } from "../../support/fleets.ts";
import { underLoad } from "../../support/load.ts";
import { clerkAt } from "../../support/orders.ts";
import { canHaveOwnEngine, type OwnEngine, ownEngine } from "../../support/own-engine.ts";

const MINIMAL = "apiVersion: ballast.dev/v1alpha1\nkind: Fleet\nmetadata: { name: test }\n";
const CACHE = "/var/lib/ballast/.cache";

/** Faults of an engine and of its disk, on an engine of the test's own. */
describe.skipIf(!canHaveOwnEngine())("with an engine of its own", () => {
  const up = () => subject.fleet.ballast("up", subject.fleet.folder, "--yes");
  let engine: OwnEngine;
  let subject: FaultyFleet;

  beforeAll(async () => {
    const docker = dockerClient();
    const imageStore = await openImageStore(docker, imagesFolder(PACKAGE_ROOT), CACHE);
    const { traefik, postgres, pgbouncer, mailbox, "odoo-19": odoo } = imageStore.references(loaded(MINIMAL)) as Record<string, string>;
    const wanted = [traefik, postgres, pgbouncer, odoo] as string[];
    // This one is made there, from what its making leaves in the cache: that engine has no egress.
    await imageStore.resolve(mailbox as string, () => undefined, AbortSignal.timeout(1_200_000));
    for (const image of wanted) await imageStore.resolve(image, () => undefined, AbortSignal.timeout(1_200_000));
    engine = await ownEngine("faults");
    subject = faultyFleet("engine", engine.inside);
    await engine.start();
    await engine.load(wanted);
    subject.declare([]);
    const first = await up();
    if (first.code !== 0) throw new Error(first.err);
  });
  afterAll(async () => {
    await engine.leaveFree(undefined);
    await engine.start().catch(() => undefined);
    await subject.fleet.remove();
    await engine.close();
  });

  const served = (tenant: string) =>
    until(`a session at ${tenant}`, 180, async () => ((await subject.fleet.isServed(tenant)) ? true : undefined));

  test("a disk that fills while an image is made is named, nothing half made has a name, and with room again the next apply goes on", async () => {
    const staging = "staging: { hosting: shared, pool: everyone, tier: development, copyOf: production }";
    subject.declare([], (text) => text.replace("pool: everyone } }", `pool: everyone }, ${staging} }`));
    await engine.leaveFree(20);
    const ran = await subject.apply();
    expect([ran.code === 0, codesIn(ran)]).toEqual([false, ["BAL-I007"]]);
    expect(await engine.docker.listImages({ filters: { reference: ["ballast/mailbox"] } })).toEqual([]);
    await engine.leaveFree(undefined);
    expect([(await subject.apply()).code, await subject.fleet.isServed("acme/staging")]).toEqual([0, true]);
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
    const absent = await subject.apply();
    expect([absent.code === 0, codesIn(absent).filter((code) => !["BAL-E002", "BAL-I003"].includes(code))]).toEqual([false, []]);
    await engine.start();
    expect(await served("acme")).toBe(true);
    expect(await served("beta")).toBe(true);
    expect((await subject.apply()).code).toBe(0);
  });

  test("a disk that is full while people work refuses what needs room, loses no order, and takes everything again once there is room", async () => {
    const clerk = await clerkAt(subject.fleet, "acme");
    expect(await clerk.attach(1)).toBe("200");
    await engine.leaveFree(0);
    const refused = await clerk.attach(1);
    const entered = await underLoad(
      2,
      () => clerk.enter(),
      () => sleep(8000),
    );
    await engine.leaveFree(undefined);
    expect(refused).not.toBe("200");
    await until("an attachment", 120, async () => ((await clerk.attach(1)) === "200" ? true : undefined));
    const confirmed = entered.flatMap((one) => one.confirmed ?? []);
    expect(await clerk.confirmedOf(confirmed)).toBe(confirmed.length);
    await subject.untilServing("acme/production", 120);
  });

  test("a disk that is full while a tenant is cloned, is named; with room again nothing is lost", async () => {
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
