import { afterAll, beforeAll, describe, test } from "vitest";
import { createMemoryEngine } from "../../src/engines/memory/engine.ts";
import { change, expectCleanStore, newPlace, picture, provision, remove, struckPoints, untilDone, worldAt } from "../support/crash-runs.ts";
import { type TestServer, testServer } from "../support/embedded-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(async () => {
  await server.stop();
});

describe.concurrent.each(["before", "after"])("killed once %s the effect of every step", (moment) => {
  test("provisioning reaches the same end, and changes no node twice", { timeout: 600_000 }, async ({ expect }) => {
    const place = await newPlace(server, `provision_${moment}`);
    const run = await untilDone(place, provision, moment);
    expect(run.result).toMatchObject({ state: "done", problems: [] });
    const made = worldAt(place);
    expect(await createMemoryEngine(made).stacks()).toEqual(["acme/production", "platform/here", "pool/everyone"]);
    expect([...made.objects.values()].every((object) => object.condition === "serving")).toBe(true);
    // What a killed step had done is found done.
    expect([...new Set(made.effects.values())]).toEqual([1]);
    const points = struckPoints(place);
    expect(points.length).toBe(run.restarts);
    const created = [...made.objects.keys()].map((id) => `${moment} create ${id}`);
    expect(created.filter((point) => !points.includes(point))).toEqual([]);
    await expectCleanStore(place);
  });

  test("a change reaches the same end", { timeout: 600_000 }, async ({ expect }) => {
    const place = await newPlace(server, `change_${moment}`);
    await untilDone(place, provision, "");
    const before = picture(worldAt(place));
    const run = await untilDone(place, change, moment);
    expect(run.result).toMatchObject({ state: "done", problems: [] });
    expect(worldAt(place).objects.get("acme/production/odoo")?.declared.spec).toMatchObject({ memoryMiB: 1024 });
    expect(picture(worldAt(place)).length).toBe(before.length);
    expect(struckPoints(place)).toContain(`${moment} update acme/production/odoo`);
    expect(struckPoints(place).length).toBe(run.restarts);
    await expectCleanStore(place);
  });

  test("removing reaches the same end, and nothing is left", { timeout: 600_000 }, async ({ expect }) => {
    const place = await newPlace(server, `remove_${moment}`);
    await untilDone(place, provision, "");
    const ids = [...worldAt(place).objects.keys()];
    const run = await untilDone(place, remove, moment);
    expect(run.result).toMatchObject({ state: "done", problems: [] });
    expect(picture(worldAt(place))).toEqual([]);
    const points = struckPoints(place);
    expect(ids.map((id) => `${moment} remove ${id}`).filter((point) => !points.includes(point))).toEqual([]);
    expect(points.length).toBe(run.restarts);
    await expectCleanStore(place);
  });
});
