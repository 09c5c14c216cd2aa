import { afterAll, beforeAll, describe, test } from "vitest";
import { createMemoryEngine } from "../../src/engines/memory/engine.ts";
import type { World } from "../../src/engines/memory/world.ts";
import { expectCleanStore, newPlace, picture, provision, struckPoints, untilDone, worldAt } from "../support/crash-runs.ts";
import { type TestServer, testServer } from "../support/embedded-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(async () => {
  await server.stop();
});

const TENANT = "acme/production";
const { files, actor } = provision;
const stop = { verb: "stop", operation: "op-stop", files, actor };
const journey = { verb: "journey", operation: "op-journey", files, actor, stack: TENANT, steps: "all" };
const repair = {
  verb: "converge",
  operation: "reconcile-acme",
  root: "reconcile-acme",
  files,
  actor: { kind: "reconciler", name: "reconciler" },
  stack: TENANT,
  wanted: "declared",
  closing: "keep-data",
  because: "repair: a test stopped it",
};
/** The fleet without its tenant: what is left of it is kept by date, and deleted by name alone. */
const without = files.map(({ path, text }) => ({
  path,
  text: text
    .split("\n---\n")
    .filter((one) => !one.includes("kind: Tenant"))
    .join("\n---\n"),
}));
const drop = { ...provision, operation: "op-drop", files: without, override: { reason: "a test" } };
const deletion = {
  ...repair,
  operation: "op-delete",
  root: "op-delete",
  actor,
  files: without,
  wanted: "gone",
  closing: "remove-all",
  confirmed: "acme",
};

/** As an earlier journey leaves a copy that it could not remove. */
function leaveClone(world: World): void {
  const own = world.objects.get(`${TENANT}/database`);
  if (own === undefined) throw new Error("no database to copy");
  const id = `${TENANT}~journey/database` as const;
  world.objects.set(id, { ...own, declared: { ...own.declared, id } });
  world.save();
}

describe.concurrent.each(["before", "after"])("killed once %s the effect of every step", (moment) => {
  test("stopping reaches the same end, and keeps everything but what runs", { timeout: 600_000 }, async ({ expect }) => {
    const place = await newPlace(server, `stop_${moment}`);
    await untilDone(place, provision, "");
    const ids = [...worldAt(place).objects.keys()].sort();
    const run = await untilDone(place, stop, moment);
    expect(run.result).toMatchObject({ state: "done", problems: [], stopped: ["platform/here", TENANT, "pool/everyone"] });
    const world = worldAt(place);
    expect([...world.objects.keys()].sort()).toEqual(ids);
    const stopped = [...world.objects].filter(([, object]) => object.condition === "stopped").map(([id]) => id);
    expect(stopped.sort()).toEqual([`${TENANT}/odoo`, "platform/here/ingress", "pool/everyone/pooler", "pool/everyone/postgres"]);
    expect([struckPoints(place).length, struckPoints(place).includes(`${moment} stop ${TENANT}`)]).toEqual([run.restarts, true]);
    await expectCleanStore(place);
  });

  test("a journey reaches its end on a clone of its own, and its clone is gone", { timeout: 600_000 }, async ({ expect }) => {
    const place = await newPlace(server, `journey_${moment}`);
    await untilDone(place, provision, "");
    const before = picture(worldAt(place));
    leaveClone(worldAt(place));
    const run = await untilDone(place, journey, moment);
    expect(run.result).toMatchObject({ state: "done", problems: [] });
    expect(picture(worldAt(place))).toEqual(before);
    const points = struckPoints(place);
    for (const step of ["read", "runSteps", `create ${TENANT}~journey/database`, `remove ${TENANT}~journey/database`, "finish"])
      expect(points).toContain(`${moment} ${step}`);
    const [removed, created] = ["remove", "create"].map((verb) => points.indexOf(`${moment} ${verb} ${TENANT}~journey/database`));
    expect(removed).toBeLessThan(created as number);
    expect(points.length).toBe(run.restarts);
    await expectCleanStore(place);
  });

  test("repairing by the reconciler reaches the same end", { timeout: 600_000 }, async ({ expect }) => {
    const place = await newPlace(server, `mend_${moment}`);
    await untilDone(place, provision, "");
    const before = picture(worldAt(place));
    const world = worldAt(place);
    for (const name of ["odoo", "route"]) {
      const id = `${TENANT}/${name}`;
      const object = world.objects.get(id);
      if (object !== undefined) world.objects.set(id, { ...object, condition: "stopped" });
    }
    world.save();
    const run = await untilDone(place, repair, moment);
    expect(run.result).toMatchObject({ state: "done", problems: [] });
    expect(picture(worldAt(place))).toEqual(before);
    expect([struckPoints(place).length, struckPoints(place).includes(`${moment} start ${TENANT}/odoo`)]).toEqual([run.restarts, true]);
    await expectCleanStore(place);
  });

  test("dropping a tenant keeps its data, and deleting it by name takes all of it and nothing else", { timeout: 600_000 }, async ({
    expect,
  }) => {
    const place = await newPlace(server, `delete_${moment}`);
    await untilDone(place, provision, "");
    const others = picture(worldAt(place)).filter((line) => !line.startsWith(TENANT));
    const dropped = await untilDone(place, drop, moment);
    expect(dropped.result).toMatchObject({ state: "done", problems: [] });
    expect([...worldAt(place).objects.keys()]).toEqual(expect.arrayContaining([`${TENANT}/database`, `${TENANT}/filestore`]));
    expect(worldAt(place).objects.has(`${TENANT}/odoo`)).toBe(false);
    const run = await untilDone(place, deletion, moment);
    expect(run.result).toMatchObject({ state: "done", problems: [] });
    expect(picture(worldAt(place))).toEqual(others);
    expect(await createMemoryEngine(worldAt(place)).stacks()).toEqual(["platform/here", "pool/everyone"]);
    expect(struckPoints(place).length).toBe(dropped.restarts + run.restarts);
    await expectCleanStore(place);
  });
});
