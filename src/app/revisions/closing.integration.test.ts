import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import { type SimulatedPlane, simulatedPlane } from "../../../test/support/simulated-plane.ts";
import { createWorld } from "../../engines/memory/world.ts";

const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");
const ACME = HELLO.slice(HELLO.lastIndexOf("---\n"));
const SECOND = ACME.replace("name: acme", "name: globex");
/** Two tenants, of which one stays. */
const BOTH = HELLO + SECOND;
const CLOSED = Date.parse("2026-11-22T12:00:00Z");
const OPEN = Date.parse("2026-11-28T02:00:00Z");
const files = (text: string) => [{ path: "fleet.yaml", text }];

const world = createWorld({ now: CLOSED });
let clock = CLOSED;
let count = 0;
let server: TestServer;
let simulated: SimulatedPlane;

beforeAll(async () => {
  server = await testServer();
  const connectionString = await server.database("closing");
  simulated = await simulatedPlane({ connectionString, fleet: "hello", world, now: () => clock, machineMemoryBytes: 64 * 1024 ** 3 });
});
afterAll(async () => {
  await simulated.close();
  await server.stop();
});

async function apply(text: string, more: { override?: { reason: string }; confirmed?: string } = {}) {
  const id = `op-${++count}`;
  await simulated.plane.start({ verb: "apply", id, actor: "anna", files: files(text), ...more });
  return { id, state: await simulated.ended(id) };
}

const serving = (prefix: string) =>
  [...world.objects]
    .filter(([id, object]) => id.startsWith(prefix) && object.condition === "serving")
    .map(([id]) => id.slice(prefix.length));
const planned = async (text: string, stack: string) => (await simulated.plane.plan(files(text))).stacks.find((one) => one.stack === stack);

beforeEach(async () => {
  clock = OPEN;
  if (world.objects.size > 0) {
    await simulated.plane.start({ verb: "remove", id: `op-${++count}`, actor: "anna", confirmed: "hello" });
    await simulated.ended(`op-${count}`);
    // As a control plane begins that is started after a deletion.
    await simulated.store.setSetting("desired", { state: "stopped" });
  }
  const { state } = await apply(BOTH);
  if (state !== "done") throw new Error(`the fleet was not brought up: ${state}`);
  clock = CLOSED;
});

/** One way to close a production that serves, and what is there once it was carried out. */
const CAUSES: readonly { cause: string; text: string; stack: string; says: string; afterwards: () => void }[] = [
  {
    cause: "undeclared",
    text: HELLO + "",
    stack: "globex/production",
    says: "stopped, down from then on",
    afterwards: () => expect(serving("globex/production/")).toEqual(expect.not.arrayContaining(["odoo", "route"])),
  },
  {
    cause: "suspended",
    text: HELLO + SECOND.replace("pool: everyone }", "pool: everyone, suspended: true }"),
    stack: "globex/production",
    says: "stopped, down from then on",
    afterwards: () => expect(serving("globex/production/")).toEqual(expect.not.arrayContaining(["odoo", "route"])),
  },
  {
    cause: "renamed",
    text: HELLO + ACME.replace("name: acme", "name: initech, renamedFrom: globex"),
    stack: "globex/production",
    says: "stopped, down from then on",
    afterwards: () => {
      expect(serving("globex/production/")).toEqual(expect.not.arrayContaining(["odoo", "route"]));
      expect(serving("initech/production/")).toEqual(expect.arrayContaining(["odoo", "route", "database"]));
    },
  },
  {
    cause: "led to by another host name",
    text: HELLO + SECOND.replace("pool: everyone }", "pool: everyone, domain: elsewhere.hello.localhost }"),
    stack: "globex/production",
    says: "its former address stops answering, down from then on",
    afterwards: () =>
      expect(world.objects.get("globex/production/route")?.declared.spec).toMatchObject({ hosts: ["elsewhere.hello.localhost"] }),
  },
];

test.each(CAUSES)("a production that is $cause waits for its window as a whole, and is closed in it by the reconciler", async (one) => {
  const before = new Map(world.objects);
  const plan = await planned(one.text, one.stack);
  const closing = plan?.changes.filter((change) => change.impact.interruption === "closed") ?? [];
  expect(closing.map((change) => change.impact.says)).toContain(one.says);
  expect(closing.map((change) => change.held?.until)).toEqual(closing.map(() => "Sat 02:00 CET"));
  expect((await apply(one.text)).state).toBe("held");
  await simulated.look();
  await simulated.look();
  expect([...world.objects]).toEqual([...before]);
  clock = OPEN;
  await simulated.look();
  one.afterwards();
  await simulated.look();
  one.afterwards();
  expect(simulated.faults).toEqual([]);
  expect(await simulated.store.setting("closing")).toEqual({});
});

test.each(CAUSES)("a production that is $cause is closed at once where somebody takes the responsibility, with a record", async (one) => {
  const { id, state } = await apply(one.text, { override: { reason: "the contract ended today" } });
  expect(state).toBe("done");
  one.afterwards();
  const decisions = await simulated.plane.decisions(id);
  expect(decisions.filter((entry) => entry.act === "window.overridden").map((entry) => [entry.subject, entry.reasons])).toContainEqual([
    one.stack,
    ["outside the window, by anna: the contract ended today"],
  ]);
});

test.each(CAUSES)(
  "until it is closed, a process that stops of a production that is $cause is said to be stopped, and started again",
  async (one) => {
    expect((await apply(one.text)).state).toBe("held");
    const odoo = world.objects.get("globex/production/odoo");
    if (odoo === undefined) throw new Error("it does not run");
    world.objects.set("globex/production/odoo", { ...odoo, condition: "stopped" });
    const { stacks } = await simulated.plane.status();
    const said = stacks.find(({ stack }) => stack === one.stack);
    expect([said?.state === "serving", said?.because.join(" ")]).toEqual([
      false,
      expect.stringMatching(/globex\/production\/odoo (is )?stopped/),
    ]);
    await simulated.look();
    await simulated.look();
    expect([world.objects.get("globex/production/odoo")?.condition, serving("globex/production/")]).toEqual([
      "serving",
      expect.arrayContaining(["odoo", "route", "database"]),
    ]);
    clock = OPEN;
    await simulated.look();
    await simulated.look();
    one.afterwards();
    expect(simulated.faults).toEqual([]);
  },
);

test("until another address is in force, status names the one under which people come", async () => {
  expect((await apply(CAUSES[3]?.text ?? "")).state).toBe("held");
  const { stacks } = await simulated.plane.status();
  const said = stacks.find(({ stack }) => stack === "globex/production");
  expect([said?.state, said?.url]).toEqual(["serving", "https://globex.hello.localhost:8443"]);
});

test("a held rename starts nothing under the new name, says what it waits for, and plans the same before and after it was asked for", async () => {
  const text = CAUSES[2]?.text as string;
  const held = {
    until: "Sat 02:00 CET",
    because: expect.stringContaining("takes over the data of globex/production: it serves until its window"),
  };
  for (const _ of ["before", "after"]) {
    const plan = await planned(text, "initech/production");
    expect(plan?.changes.map((change) => change.held)).toEqual(plan?.changes.map(() => held));
    expect((await planned(text, "globex/production"))?.renamedTo).toBe("initech/production");
    expect((await apply(text)).state).toBe("held");
    expect(serving("initech/")).toEqual([]);
  }
});

test("while it waits, a status says what serves until when and why, and calls nothing broken that only waits", async () => {
  const told = async (text: string) => {
    expect((await apply(text)).state).toBe("held");
    const { stacks } = await simulated.plane.status();
    return Object.fromEntries(stacks.map((one) => [one.stack, `${one.state}: ${one.because[0] ?? ""}`]));
  };
  const until = "it serves until Sat 02:00 CET (outside maintenance until 2026-11-28 02:00 CET)";
  const [undeclared, suspended, renamed] = [
    await told(CAUSES[0]?.text ?? ""),
    await told(CAUSES[1]?.text ?? ""),
    await told(CAUSES[2]?.text ?? ""),
  ];
  expect(undeclared["globex/production"]).toMatch(`undeclared: no longer declared; ${until}; its data is kept`);
  expect(suspended["globex/production"]).toBe(`serving: suspended; ${until}`);
  expect(renamed["globex/production"]).toMatch(`undeclared: renamed to initech/production, which takes over its data; ${until}`);
  expect(renamed["initech/production"]).toMatch(
    "suspended: not begun: it takes over the data of globex/production, and it serves until its window",
  );
});

test("a held rename is told from what somebody suspended", async () => {
  expect((await apply(CAUSES[2]?.text ?? "")).state).toBe("held");
  const { stacks } = await simulated.plane.status();
  expect(stacks.flatMap((one) => (one.waitsFor === undefined ? [] : [`${one.stack} ${one.waitsFor}`]))).toEqual([
    "initech/production globex/production",
  ]);
});

test("what was suspended or undeclared by mistake goes on as if nothing had been", async () => {
  const before = new Map(world.objects);
  for (const cause of CAUSES) expect((await apply(cause.text)).state).toBe("held");
  expect((await apply(BOTH)).state).toBe("done");
  clock = OPEN;
  await simulated.look();
  expect([...world.objects]).toEqual([...before]);
});

test("a tenant that is to be closed still protects the pool that it stands on, until it is closed", async () => {
  const larger = HELLO.replace("name: everyone }", "name: everyone }\nspec: { postgres: { memory: 1536Mi } }");
  const always = larger.replace(/maintenance: .+/, 'maintenance: [{ days: [sun], from: "00:00", to: "24:00" }]');
  expect(always).not.toBe(larger);
  expect((await apply(always)).state).toBe("held");
  expect(world.objects.get("pool/everyone/postgres")?.declared.spec).not.toMatchObject({ memoryMiB: 1536 });
});

test("a production whose former calendar cannot be read any more is not closed by anybody but a person who says why", async () => {
  expect((await apply(HELLO)).state).toBe("held");
  await simulated.store.setSetting("closing", { "globex/production": "0".repeat(64) });
  clock = OPEN;
  await simulated.look();
  expect(serving("globex/production/")).toEqual(expect.arrayContaining(["odoo", "route"]));
  expect((await planned(HELLO, "globex/production"))?.changes.find((change) => change.kind === "odoo")?.held?.because).toBe(
    "its calendar cannot be read any more, so no window is known",
  );
  expect((await apply(HELLO, { override: { reason: "it moved away" } })).state).toBe("done");
  expect(serving("globex/production/")).toEqual(expect.not.arrayContaining(["odoo", "route"]));
});

test("what still serves is not deleted, whoever types its name: it is closed in its window first", async () => {
  expect((await apply(HELLO)).state).toBe("held");
  const remove = { verb: "remove", actor: "anna", stack: "globex/production", confirmed: "globex" } as const;
  await simulated.plane.start({ ...remove, id: "op-remove-early" });
  expect(await simulated.ended("op-remove-early")).toBe("refused");
  expect(serving("globex/production/")).toEqual(expect.arrayContaining(["odoo", "route", "database"]));
  clock = OPEN;
  await simulated.look();
  clock = CLOSED;
  await simulated.plane.start({ ...remove, id: "op-remove" });
  expect(await simulated.ended("op-remove")).toBe("done");
  expect(serving("globex/production/")).toEqual([]);
});

test("where the revision in force cannot be read, an apply and a stop are refused with the cause, and what is here stays until a person closes it", async () => {
  const unreadable = await simulated.store.keepRevision(files("apiVersion: ballast/v9\nkind: Fleet\n"), new Date(clock));
  await simulated.store.setSetting("revision", { hash: unreadable });
  const before = [...world.objects];
  const cause = /BAL-A054 hello: what is in force of hello cannot be read.*BAL-F/;
  await expect(apply(HELLO)).rejects.toThrow(cause);
  const refused = (request: object) => simulated.plane.start({ id: `op-${++count}`, actor: "anna", ...request } as never);
  await expect(refused({ verb: "stop" })).rejects.toThrow(cause);
  await expect(refused({ verb: "remove", stack: "globex/production", confirmed: "globex" })).rejects.toThrow("BAL-A054");
  await expect(refused({ verb: "rotate" })).rejects.toThrow("BAL-A054");
  expect((await simulated.plane.plan(files(HELLO))).questions?.map((one) => one.code)).toEqual(["BAL-A054"]);
  expect(await simulated.store.revisionInForce()).toBe(unreadable);
  const larger = HELLO.replace("name: everyone }", "name: everyone }\nspec: { postgres: { memory: 1536Mi } }");
  clock = OPEN;
  expect((await apply(larger, { confirmed: "hello" })).state).toBe("held");
  await simulated.look();
  expect([...world.objects]).toEqual(before);
  expect(await simulated.store.setting("closing")).toEqual({ "globex/production": unreadable });
  expect((await apply(HELLO, { override: { reason: "it moved away" } })).state).toBe("done");
  expect(serving("globex/production/")).toEqual(expect.not.arrayContaining(["odoo", "route"]));
});
