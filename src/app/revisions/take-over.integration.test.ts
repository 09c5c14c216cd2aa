import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import { type SimulatedPlane, simulatedPlane } from "../../../test/support/simulated-plane.ts";
import { renderPlan } from "../../cli/render/plan.ts";
import { coloursFor } from "../../cli/terminal/style.ts";
import { createWorld } from "../../engines/memory/world.ts";
import { ProblemError } from "../../kernel/problem.ts";

const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");
const ACME = HELLO.slice(HELLO.lastIndexOf("---\n"));
const BASE = HELLO.slice(0, HELLO.lastIndexOf("---\n"));
const WESER = ACME.replace("name: acme", "name: weser");
const OTHER = WESER.replace(/owner: .*/, "owner: { name: Somebody Else, email: it@else.example }");
const [BOTH, WITHOUT, ELSE] = [BASE + ACME + WESER, BASE + ACME, BASE + ACME + OTHER];
const NOW = Date.parse("2026-11-22T12:00:00Z");
const NOWS = { override: { reason: "the tenant has left" } };
const world = createWorld({ now: NOW });
let server: TestServer;
let simulated: SimulatedPlane;
let count = 0;

beforeAll(async () => {
  server = await testServer();
  const connectionString = await server.database("take_over");
  simulated = await simulatedPlane({ connectionString, fleet: "hello", world, now: () => NOW, machineMemoryBytes: 64 * 1024 ** 3 });
}, 60_000);
afterAll(async () => {
  await simulated.close();
  await server.stop();
});

const files = (text: string) => [{ path: "fleet.yaml", text }];
async function ask(request: object): Promise<string> {
  const id = `op-${++count}`;
  const refused = await simulated.plane.start({ id, actor: "anna", ...request } as never).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (refused === undefined) return await simulated.ended(id);
  expect([refused instanceof ProblemError, await simulated.plane.operation(id)]).toEqual([true, undefined]);
  return (refused as ProblemError).problems.map((one) => `${one.code} ${one.at} ${one.message}`).join("\n");
}
const apply = (text: string, more: object = {}) => ask({ verb: "apply", files: files(text), ...more });
const plan = async (text: string) =>
  renderPlan(await simulated.plane.plan(files(text)), coloursFor({}, { isTTY: false } as never, true)).replaceAll(/ +/g, " ");
const data = () => [...world.objects].filter(([id]) => id === "weser/production/database");

const TAKES = "takes up data kept since 2026-11-22 of owner Operations <ops@acme.example>";
const QUESTION = `BAL-A060 weser/production ${TAKES}; it is declared for another owner, Somebody Else <it@else.example>`;

test("data that was kept is not handed to another owner of its former name, until the address is typed", async () => {
  expect(await apply(BOTH)).toBe("done");
  expect(await apply(WITHOUT, NOWS)).toBe("done");
  const kept = data();
  expect(kept).toHaveLength(1);
  const shown = await plan(ELSE);
  expect(shown).toContain(`~ weser/production declared again, with its data: ${TAKES}`);
  expect(shown).toContain("1 to change, 0 to create, 0 to close");
  expect((await simulated.plane.plan(files(ELSE))).questions?.map((one) => [one.severity, `${one.code} ${one.at} ${one.message}`])).toEqual(
    [["error", QUESTION]],
  );
  for (const more of [{}, NOWS, { confirmed: "hello" }, { confirmed: "weser" }, { reallyNew: ["weser"] }])
    expect(await apply(ELSE, more)).toBe(QUESTION);
  expect(data()).toEqual(kept);
  expect([...world.objects.keys()].filter((id) => id === "weser/production/odoo")).toEqual([]);
  expect(await apply(ELSE, { confirmed: "weser/production" })).toBe("done");
  // Once it is in force it is not asked again.
  expect(await apply(ELSE)).toBe("done");
});

test("once the data is deleted the name is free, and its former owner gets it back without a question", async () => {
  expect(await apply(WITHOUT, NOWS)).toBe("done");
  expect(await plan(ELSE)).toContain("declared again, with its data: takes up data kept since 2026-11-22 of owner Somebody Else");
  expect(await apply(ELSE)).toBe("done");
  expect(await apply(WITHOUT, NOWS)).toBe("done");
  expect(await apply(BOTH)).toContain("BAL-A060 weser/production");
  expect(await ask({ verb: "remove", stack: "weser/production", confirmed: "weser" })).toBe("done");
  expect(data()).toEqual([]);
  expect((await simulated.plane.plan(files(BOTH))).questions).toEqual([]);
  expect(await plan(BOTH)).toContain("+ weser/production new");
  expect(await apply(BOTH)).toBe("done");
});

test("of data that was kept before its owner was written down nothing is asked, and it is said", async () => {
  expect(await apply(WITHOUT, NOWS)).toBe("done");
  const written = await simulated.store.setting<{ since: string; until: string }>("undeclared weser/production");
  await simulated.store.setSetting("undeclared weser/production", { since: written?.since ?? "", until: written?.until ?? "" });
  expect(await plan(ELSE)).toContain(
    "declared again, with its data: takes up data kept since 2026-11-22 of an owner that was not recorded",
  );
  expect((await simulated.plane.plan(files(ELSE))).questions).toEqual([]);
  expect(await apply(ELSE)).toBe("done");
});

test("a tenant that is no longer suspended is resumed, not new", async () => {
  const suspended = BASE + ACME + OTHER.replace("pool: everyone }", "pool: everyone, suspended: true }");
  expect(suspended).not.toBe(ELSE);
  expect(await apply(suspended, NOWS)).toBe("done");
  const shown = await plan(ELSE);
  expect(shown).toContain("~ weser/production resumed, with its data odoo, route");
  expect(shown).toContain("1 to change, 0 to create");
  expect(await apply(ELSE)).toBe("done");
});
