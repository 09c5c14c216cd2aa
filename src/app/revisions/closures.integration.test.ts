import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import { type SimulatedPlane, simulatedPlane } from "../../../test/support/simulated-plane.ts";
import { createWorld } from "../../engines/memory/world.ts";
import { ProblemError } from "../../kernel/problem.ts";

const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");
const ACME = HELLO.slice(HELLO.lastIndexOf("---\n"));
const BASE = HELLO.slice(0, HELLO.lastIndexOf("---\n"));
const tenant = (name: string, owner = name) => ACME.replace("name: acme", `name: ${name}`).replace("ops@acme", `ops@${owner}`);
const BOTH = BASE + tenant("acme") + tenant("globex");
const now = () => Date.parse("2026-11-22T12:00:00Z");
const world = createWorld({ now: now() });
let server: TestServer;
let simulated: SimulatedPlane;
let count = 0;

beforeAll(async () => {
  server = await testServer();
  const connectionString = await server.database("closures");
  simulated = await simulatedPlane({ connectionString, fleet: "hello", world, now, machineMemoryBytes: 64 * 1024 ** 3 });
  const state = await apply(BOTH);
  if (state !== "done") throw new Error(`the fleet was not brought up: ${state}`);
}, 60_000);
afterAll(async () => {
  await simulated.close();
  await server.stop();
});

const files = (text: string) => [{ path: "fleet.yaml", text }];

/** How it ended, or the codes with which it was refused before it began. */
async function ask(request: object): Promise<string> {
  const id = `op-${++count}`;
  const refused = await simulated.plane.start({ id, actor: "anna", ...request } as never).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (refused === undefined) return await simulated.ended(id);
  expect([refused instanceof ProblemError, await simulated.plane.operation(id)]).toEqual([true, undefined]);
  return (refused as ProblemError).problems.map((one) => one.code).join(" ");
}
const apply = (text: string, more: object = {}) => ask({ verb: "apply", files: files(text), ...more });
const inForce = async () => (await simulated.store.setting<{ hash: string }>("revision"))?.hash;

test("another folder of the same fleet name changes nothing until the fleet's name is typed, and a plan says so before", async () => {
  const before = await inForce();
  const objects = [...world.objects];
  for (const more of [{}, { confirmed: "helo" }, { override: { reason: "quickly" } }]) expect(await apply(BASE, more)).toBe("BAL-A041");
  expect([await inForce(), [...world.objects]]).toEqual([before, objects]);
  const { questions } = await simulated.plane.plan(files(BASE));
  expect(questions?.map((one) => `${one.code} ${one.hint}`)).toEqual(["BAL-A041 --confirm hello, if that is meant"]);
  expect(await apply(BASE, { confirmed: "hello" })).toBe("held");
  expect([...world.objects]).toEqual(objects);
  expect(await apply(BOTH)).toBe("done");
});

test("a tenant that looks like one that goes is refused until somebody answers, by the file or by name", async () => {
  const text = BASE + tenant("acmee") + tenant("globex");
  expect(await apply(text)).toBe("BAL-A042");
  expect(await apply(text, { confirmed: "hello" })).toBe("BAL-A042");
  expect(await apply(text.replace("name: acmee", "name: acmee, renamedFrom: acme"))).toBe("held");
  // It still serves under its former name, so it is no only production that the other one is.
  const alone = BASE + tenant("acmee").replace("name: acmee", "name: acmee, renamedFrom: acme");
  expect((await simulated.plane.plan(files(alone))).questions).toEqual([]);
  expect([...world.objects.keys()].filter((id) => id.startsWith("acmee/"))).toEqual([]);
  expect(await apply(BOTH)).toBe("done");
  // It begins beside the other, which is closed in its window.
  expect(await apply(text, { reallyNew: ["acmee"] })).toBe("held");
  expect([...world.objects.keys()]).toEqual(expect.arrayContaining(["acme/production/odoo", "acmee/production/odoo"]));
});

test("a fleet with production is stopped by name and with a reason, which the ledger keeps; what is stopped already asks nothing", async () => {
  for (const more of [{}, { confirmed: "hello" }, { confirmed: "hello", reason: " " }, { reason: "the machine moves" }])
    expect(await ask({ verb: "stop", ...more })).toBe("BAL-A043");
  expect([...world.objects.values()].every((object) => object.condition === "serving")).toBe(true);
  expect(await ask({ verb: "stop", confirmed: "hello", reason: "the machine moves" })).toBe("done");
  const decisions = await simulated.plane.decisions(`op-${count}`);
  expect(decisions.map((one) => [one.act, one.reasons])).toEqual([["fleet.stopped", ["the machine moves"]]]);
  expect(await ask({ verb: "stop" })).toBe("done");
});
