import { existsSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FleetPlan } from "../../../src/api/contract/contract.ts";
import { dockerClient } from "../../../src/app/machine/machine-engine.ts";
import { LOOK_EVERY_MS } from "../../../src/app/reconcile/pass-loop.ts";
import { endControlPlane } from "../../support/control-plane.ts";
import { execute, until } from "../../support/docker-bench.ts";
import { codesIn, faultyFleet } from "../../support/faulty-fleet.ts";

const docker = dockerClient();
const subject = faultyFleet("lost");
const { fleet, declare, apply, stack, untilServing, asSuperuser } = subject;
const { installation } = fleet;
/** Whatever the reconciler does, it has begun to do by then. */
const A_LOOK_MS = LOOK_EVERY_MS + 8000;

beforeAll(async () => {
  declare(["beta"]);
  const up = await fleet.ballast("up", fleet.folder, "--yes");
  if (up.code !== 0) throw new Error(up.err);
});
afterAll(() => fleet.remove());

const databases = () =>
  asSuperuser("postgres", async (client) => {
    const { rows } = await client.query<{ datname: string }>("SELECT datname FROM pg_database ORDER BY 1");
    return rows.map((row) => row.datname).filter((name) => name.endsWith("_production"));
  });

/** Containers of a stack by their node's own name, running or not. */
async function containers(id: string): Promise<readonly string[]> {
  const filters = { label: [`ballast.fleet=${fleet.name}`, `ballast.stack=${id}`] };
  const found = await docker.listContainers({ all: true, filters });
  return found.map((one) => (one.Labels["ballast.node"] ?? "").slice(id.length + 1)).sort();
}

async function volumeOf(node: string): Promise<string> {
  const { Volumes } = await docker.listVolumes({ filters: { label: [`ballast.fleet=${fleet.name}`, `ballast.node=${node}`] } });
  return Volumes[0]?.Name ?? "";
}

async function removeContainers(id: string, kind?: string): Promise<void> {
  const kinds = kind === undefined ? [] : [`ballast.kind=${kind}`];
  const filters = { label: [`ballast.fleet=${fleet.name}`, `ballast.stack=${id}`, ...kinds] };
  for (const one of await docker.listContainers({ all: true, filters }))
    await docker.getContainer(one.Id).remove({ force: true, v: false });
}

/** Takes a volume away behind Ballast's back, however quickly the containers that hold it are started again. */
async function removeVolume(node: string, users: string, kind?: string): Promise<void> {
  const name = await volumeOf(node);
  await until(`the removal of ${name}`, 60, async () => {
    await removeContainers(users, kind);
    return await docker
      .getVolume(name)
      .remove()
      .then(
        () => true,
        () => undefined,
      );
  });
}

const restored = async () => {
  const { code } = await fleet.ballast("apply", fleet.folder, "--now", "--reason", "a test", "--recreate", "acme/production");
  await untilServing("acme/production");
  return code;
};

describe("a production database that is restored from a dump after it was lost", () => {
  const DUMP = "/tmp/acme.dump";
  const KEPT = "acme's customer";

  /** In the container of the pool's server, as its superuser. */
  async function onServer(program: string, ...args: string[]): Promise<void> {
    const filters = { label: [`ballast.fleet=${fleet.name}`, "ballast.node=pool/everyone/postgres"] };
    const [found] = await docker.listContainers({ filters });
    const password = `PGPASSWORD=${subject.insides.secret("pool/everyone", "superuser-password")}`;
    const command = ["env", password, program, "-h", "127.0.0.1", "-U", "postgres", ...args];
    const { exit, out } = await execute(docker, docker.getContainer(found?.Id ?? ""), command);
    if (exit !== 0) throw new Error(`${program}: ${out.toString("utf8")}`);
  }

  test("serves with its data once it is adopted, and with its own address and key; until then nothing is made of it", async () => {
    await asSuperuser("acme_production", (client) =>
      client.query("INSERT INTO ir_config_parameter (key, value) VALUES ('kept', $1)", [KEPT]),
    );
    await onServer("pg_dump", "-Fc", "-f", DUMP, "acme_production");
    await asSuperuser("postgres", (client) => client.query("DROP DATABASE acme_production WITH (FORCE)"));
    await asSuperuser("postgres", (client) => client.query("CREATE DATABASE acme_production"));
    await onServer("pg_restore", "-d", "acme_production", DUMP);
    const applied = await apply();
    expect([applied.code, codesIn(applied)]).toEqual([1, ["BAL-W026"]]);
    const refused = await fleet.ballast("apply", fleet.folder, "--recreate", "acme/production");
    expect([refused.code, codesIn(refused)]).toEqual([1, ["BAL-A052"]]);
    const adopted = await fleet.ballast("apply", fleet.folder, "--now", "--reason", "a test", "--adopt", "acme/production");
    expect([adopted.code, codesIn(adopted)]).toEqual([0, []]);
    await untilServing("acme/production");
    expect(await fleet.isServed("acme")).toBe(true);
    const found = await asSuperuser("acme_production", (client) =>
      client.query("SELECT value FROM ir_config_parameter WHERE key = 'kept'"),
    );
    expect(found.rows).toEqual([{ value: KEPT }]);
    const again = await fleet.ballast("apply", fleet.folder, "--adopt", "acme/production");
    expect([again.code, codesIn(again)]).toEqual([1, ["BAL-A053"]]);
  });
});

describe("a production database that was dropped behind Ballast's back", () => {
  beforeAll(() => asSuperuser("postgres", async (client) => void (await client.query("DROP DATABASE acme_production WITH (FORCE)"))));

  test("is not made again, empty: its stack is down, plan and apply say so, and its neighbour serves", async () => {
    await sleep(A_LOOK_MS);
    expect(await databases()).toEqual(["beta_production"]);
    const { state, because } = await stack("acme/production");
    expect([state, because[0]]).toEqual(["down", expect.stringMatching(/^acme\/production\/database held data since .* and is gone$/)]);
    const planned = await fleet.ballast("plan", fleet.folder, "--json");
    const own = (JSON.parse(planned.out) as { plan: FleetPlan }).plan.stacks.find((one) => one.stack === "acme/production");
    expect([planned.code, own?.unknown.map((problem) => problem.code), own?.changes.filter((one) => one.verb === "create")]).toEqual([
      1,
      ["BAL-W026"],
      [],
    ]);
    const applied = await apply();
    expect([applied.code, codesIn(applied), await databases()]).toEqual([1, ["BAL-W026"], ["beta_production"]]);
    expect(await fleet.isServed("beta")).toBe(true);
  });

  test("is not made by `up`, nor after the store was lost", async () => {
    const up = await fleet.ballast("up", fleet.folder, "--yes");
    expect([up.code, codesIn(up).includes("BAL-W026"), await databases()]).toEqual([1, true, ["beta_production"]]);
    await endControlPlane(installation);
    renameSync(join(installation.postgres, "data"), join(installation.root, "mislaid"));
    const again = await fleet.ballast("up", fleet.folder, "--yes", "--lost-store");
    expect([again.code, codesIn(again).includes("BAL-W026"), await databases()]).toEqual([1, true, ["beta_production"]]);
    // Every secret was recreated with the store: beta is told at once, and not in its window.
    const applied = await apply();
    expect([applied.code, codesIn(applied), await databases()]).toEqual([1, ["BAL-W026"], ["beta_production"]]);
    await untilServing("beta/production");
    expect(await fleet.isServed("beta")).toBe(true);
  });

  test("is missed under a new name too, and its files stay under the old one", async () => {
    declare(["beta"], (text) => text.replace("name: acme }", "name: acmee, renamedFrom: acme }"));
    const applied = await apply();
    expect([applied.code === 0, codesIn(applied).includes("BAL-W026")]).toEqual([false, true]);
    await sleep(A_LOOK_MS);
    expect([await databases(), await volumeOf("acme/production/filestore")]).toEqual([
      ["beta_production"],
      expect.stringContaining("filestore"),
    ]);
    declare(["beta"]);
  });

  test("is recreated from the template once its name is typed", async () => {
    const wrong = await fleet.ballast("apply", fleet.folder, "--recreate", "beta/production");
    expect([wrong.code, codesIn(wrong)]).toEqual([1, ["BAL-A026"]]);
    expect([await restored(), await databases()]).toEqual([0, ["acme_production", "beta_production"]]);
    expect(await fleet.isServed("acme")).toBe(true);
  });
});

test("a filestore that is gone, or that is another one of its name, keeps Odoo from starting on it", async () => {
  const name = await volumeOf("acme/production/filestore");
  await removeVolume("acme/production/filestore", "acme/production");
  await docker.createVolume({ Name: name });
  await sleep(A_LOOK_MS);
  const { state, because } = await stack("acme/production");
  expect([state, because.join()]).toEqual(["down", expect.stringContaining(`in its place is a volume ${name} that Ballast did not make`)]);
  const applied = await apply();
  expect([applied.code, codesIn(applied), (await containers("acme/production")).includes("odoo")]).toEqual([1, ["BAL-W026"], false]);
  await docker.getVolume(name).remove();
  expect(await restored()).toBe(0);
});

test("a disk of a pool that is there and empty is no new one: no empty cluster is made on it, and it serves once its data are back", async () => {
  const { Mountpoint: disk } = await docker.getVolume(await volumeOf("pool/everyone/data")).inspect();
  const [data, aside] = [join(disk, "pgdata"), join(disk, "..", `aside-${fleet.name}`)];
  const server = (
    await docker.listContainers({ filters: { label: [`ballast.fleet=${fleet.name}`, "ballast.node=pool/everyone/postgres"] } })
  )[0];
  await docker.getContainer(server?.Id ?? "").kill();
  renameSync(data, aside);
  await sleep(A_LOOK_MS);
  const applied = await apply();
  expect([applied.code, existsSync(data), readdirSync(disk).filter((name) => name.startsWith(".making"))]).toEqual([1, false, []]);
  expect(applied.out + applied.err).toContain("the data that were in this volume are gone");
  const { state, because } = await stack("pool/everyone");
  expect(state).not.toBe("serving");
  expect(because.join()).toContain("it refused to start; its last lines say why: ballast logs pool/everyone/postgres");
  expect((await fleet.ballast("logs", fleet.folder, "pool/everyone/postgres")).out).toContain("the data that were in this volume are gone");
  renameSync(aside, data);
  const back = await apply();
  expect(back.code).toBe(0);
  await untilServing("acme/production");
});

test("a disk of a pool that is gone takes all its databases: no empty server is made, and each is given up by its name", async () => {
  // Its pooler runs on: the server that is recreated must let it in again.
  await removeVolume("pool/everyone/data", "pool/everyone", "postgres");
  await sleep(A_LOOK_MS);
  expect([await volumeOf("pool/everyone/data"), (await containers("pool/everyone")).includes("postgres")]).toEqual(["", false]);
  const [pool, acme] = [await stack("pool/everyone"), await stack("acme/production")];
  expect([pool.state, acme.state, acme.because[0]]).toEqual([
    "down",
    "down",
    expect.stringContaining("is gone with pool/everyone/postgres"),
  ]);
  const applied = await apply();
  expect([applied.code, codesIn(applied).includes("BAL-W026")]).toEqual([1, true]);
  const names = ["pool/everyone", "acme/production", "beta/production"];
  const again = await fleet.ballast("apply", fleet.folder, "--now", "--reason", "a test", "--recreate", ...names);
  expect([again.code, await databases()]).toEqual([0, ["acme_production", "beta_production"]]);
  await untilServing("acme/production");
  expect([
    existsSync(installation.keyFile),
    readFileSync(join(installation.root, "data-records.json"), "utf8").includes("pool/everyone/data"),
  ]).toEqual([true, true]);
});
