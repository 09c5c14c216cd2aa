import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { killedAt, newPlace, type Place, provision, untilDone, worldAt } from "../../../test/support/crash-runs.ts";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import { type SimulatedPlane, simulatedPlane } from "../../../test/support/simulated-plane.ts";
import type { World } from "../../engines/memory/world.ts";
import { failure, ProblemError } from "../../kernel/problem.ts";

const HELLO = provision.files[0]?.text ?? "";
const named = (name: string) => HELLO.replace("name: acme }", `name: ${name} }`);
const RENAMED = named("nova, renamedFrom: acme");
const override = { reason: "a test" };
const PLACES = { acme: "acme/production", nova: "nova/production" };
const HALF = ["acme/production/database", "nova/production/filestore"];
let server: TestServer;
let place: Place;
let world: World;
let simulated: SimulatedPlane;
let broken = true;
let count = 0;

beforeAll(async () => {
  server = await testServer();
  place = await newPlace(server, "cut_off");
  await untilDone(place, provision, "");
  const rename = { ...provision, operation: "op-rename", files: [{ path: "fleet.yaml", text: RENAMED }], override };
  await killedAt(place, rename, `before create ${PLACES.nova}/database`);
  world = worldAt(place);
  simulated = await simulatedPlane({
    connectionString: place.connectionString,
    fleet: "hello",
    world,
    folder: join(place.folder),
    now: () => world.now,
    engine: (engine) => ({
      ...engine,
      apply: async (change, context) => {
        if (broken && change.node === `${PLACES.nova}/database`) throw failure("BAL-E001", change.node, "the disk is full");
        return await engine.apply(change, context);
      },
    }),
  });
  // What was under way is taken up, and comes no further than to where the disk is full.
  await simulated.ended("op-rename");
}, 120_000);
afterAll(async () => {
  await simulated.close();
  await server.stop();
});

async function apply(text: string, more: object = {}): Promise<string> {
  const id = `op-${++count}`;
  const request = { verb: "apply", id, actor: "anna", files: [{ path: "fleet.yaml", text }], override, ...more };
  try {
    await simulated.plane.start(request as never);
  } catch (error) {
    return (error as ProblemError).problems.map((one) => `${one.code} ${one.message}`).join("; ");
  }
  return await simulated.ended(id);
}

const data = () => [...world.objects.keys()].filter((id) => /\/(?:database|filestore)$/.test(id)).sort();

test("a rename that was killed in its middle, and could not be carried on, is not forgotten by files without the former name", async () => {
  expect(data()).toEqual(HALF);
  expect(await apply(RENAMED)).toBe("failed");
  const cutOff = (name: string, other: string) =>
    `BAL-A042 ${name} would begin without a part of its data, which is still under ${other}: its rename was not carried out whole`;
  expect(await apply(named("nova"))).toBe(cutOff("nova", "acme"));
  expect(await apply(named("acme"), { confirmed: "hello" })).toBe(cutOff("acme", "nova"));
  const planned = await simulated.plane.plan([{ path: "fleet.yaml", text: named("nova") }]);
  expect(planned.questions?.map((one) => one.code)).toEqual(["BAL-A042"]);
  expect(data()).toEqual(HALF);
});

test("carried on, it has all of its data, and may then be left out", async () => {
  broken = false;
  expect(await apply(RENAMED)).toBe("done");
  expect(data()).toEqual(["nova/production/database", "nova/production/filestore"]);
  expect(await apply(named("nova"))).toBe("done");
  expect(data()).toEqual(["nova/production/database", "nova/production/filestore"]);
});
