import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import { type SimulatedPlane, simulatedPlane } from "../../../test/support/simulated-plane.ts";
import { openStore } from "../../adapters/store/store.ts";
import { lostIn } from "../../domain/stack/data-record.ts";
import { createMemoryEngine } from "../../engines/memory/engine.ts";
import { createWorld, type MemoryObject, type World } from "../../engines/memory/world.ts";
import { ProblemError } from "../../kernel/problem.ts";
import { openDataMemory } from "./data-memory.ts";
import { rememberingEngine } from "./remembering-engine.ts";

const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");
const NEIGHBOUR = `---
apiVersion: ballast.dev/v1alpha1
kind: Tenant
metadata: { name: beta }
spec:
  owner: { name: Beta, email: beta@example.com }
  calendar: office
  environments: { production: { hosting: shared, pool: everyone } }
`;
const BOTH = HELLO + NEIGHBOUR;
/** A Saturday night, inside the window of the example. */
const now = () => Date.parse("2026-11-21T02:00:00Z");
const DATABASE = "acme/production/database";

let server: TestServer;
let world: World;
let simulated: SimulatedPlane;
let counter = 0;
const folder = mkdtempSync(join(tmpdir(), "ballast-lost-"));

beforeAll(async () => {
  server = await testServer();
  world = createWorld({ now: now() });
  simulated = await simulatedPlane({ connectionString: await server.database("lost"), fleet: "hello", world, now, folder });
  await apply(BOTH);
});
afterAll(async () => {
  await simulated.close();
  await server.stop();
});

const files = (text: string) => [{ path: "fleet.yaml", text }];

async function apply(text: string, more: { recreate?: string[]; adopt?: string[]; reallyNew?: string[] } = {}) {
  const id = `op-${counter++}`;
  await simulated.plane.start({ verb: "apply", id, actor: "anna", files: files(text), ...more });
  await simulated.ended(id);
  const { state, result } = (await simulated.plane.operation(id)) as unknown as {
    state: string;
    result: { problems: { code: string; at: string }[] };
  };
  return { state, problems: result.problems.map((problem) => `${problem.code} ${problem.at}`) };
}

async function refusalOf(begun: Promise<unknown>): Promise<readonly string[]> {
  const error = await begun.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof ProblemError ? error.problems.map(({ code, at }) => `${code} ${at}`) : [];
}

async function statusOf(stack: string) {
  const found = (await simulated.plane.status()).stacks.find((one) => one.stack === stack);
  return { state: found?.state, because: found?.because };
}

const LOST = { state: "failed", problems: [`BAL-W026 ${DATABASE}`] };
const there = () => [...world.objects.keys()].filter((id) => id.startsWith("acme/")).sort();

describe("a database that held data and is gone", () => {
  test("is remembered from the moment it was made, in the store and beside it", async () => {
    const records = [...simulated.memory.records().values()];
    const nodes = ["acme/production/database", "acme/production/filestore", "beta/production/database", "beta/production/filestore"];
    expect(records.map((record) => record.node).sort()).toEqual([...nodes, "pool/everyone/data"]);
    expect(records.filter((record) => record.operation === undefined)).toEqual([]);
    const copy = JSON.parse(readFileSync(join(folder, "data-records.json"), "utf8")) as { records: { node: string }[] };
    expect(copy.records.map((record) => record.node).sort()).toEqual([...nodes, "pool/everyone/data"]);
  });

  test("is not made again, empty: the reconciler says so once, and repairs the neighbour", async () => {
    world.objects.delete(DATABASE);
    const neighbour = "beta/production/odoo";
    world.objects.set(neighbour, {
      ...(world.objects.get(neighbour) as NonNullable<ReturnType<typeof world.objects.get>>),
      condition: "stopped",
    });
    for (let look = 0; look < 3; look++) await simulated.look();
    expect([world.objects.has(DATABASE), world.objects.get(neighbour)?.condition]).toEqual([false, "serving"]);
    expect(await statusOf("acme/production")).toEqual({
      state: "down",
      because: [`${DATABASE} held data since 2026-11-21 02:00Z and is gone`],
    });
    const told = (await simulated.store.ledgerLines(100)).map((line) => JSON.parse(line.entry) as { act: string; subject: string });
    expect(told.filter((entry) => entry.act === "drift.seen" && entry.subject === "acme/production")).toHaveLength(1);
  });

  test("is planned as what it is, and fails an apply that carries out everything else", async () => {
    const plan = await simulated.plane.plan(files(BOTH));
    const own = plan.stacks.find((stack) => stack.stack === "acme/production");
    expect([own?.changes, own?.unknown.map((problem) => [problem.code, problem.at, problem.hint])]).toEqual([
      [],
      [
        [
          "BAL-W026",
          DATABASE,
          "restore it under its name; or give up what was in it, and have it recreated, empty: ballast apply FOLDER --recreate acme/production",
        ],
      ],
    ]);
    world.objects.delete("acme/production/odoo");
    world.objects.delete("beta/production/odoo");
    expect(await apply(BOTH)).toEqual(LOST);
    expect([there().includes("acme/production/odoo"), world.objects.has("beta/production/odoo")]).toEqual([false, true]);
  });

  test("is missed by a store that was recreated, since it is remembered beside it; the older copy of a store learns from that as well", async () => {
    const store = await openStore({
      connectionString: await server.database("begun_anew"),
      maxConnections: 2,
      onLostConnection: () => undefined,
    });
    try {
      const memory = await openDataMemory({ store, folder, fault: (error) => simulated.faults.push(error) });
      const engine = rememberingEngine(createMemoryEngine(world), memory, now);
      const seen = await engine.observe({ id: "acme/production", role: "environment", nodes: [] });
      expect(lostIn(seen).map((one) => one.node)).toEqual([DATABASE]);
      const copy = await store.dataRecords();
      expect(copy.records.map((record) => record.node).sort()).toEqual([...simulated.memory.records().keys()].sort());
    } finally {
      await store.close();
    }
  });

  test("is missed under a new name as well, and what is left under the old one stays", async () => {
    const renamed = BOTH.replace("metadata: { name: acme }", "metadata: { name: acmee, renamedFrom: acme }");
    expect(renamed).not.toBe(BOTH);
    expect(await refusalOf(apply(renamed))).toEqual(["BAL-W026 acmee/production/database"]);
    await simulated.look();
    const own = [...world.objects.keys()].filter((id) => id.startsWith("acmee/"));
    expect([own.includes("acmee/production/database"), own.includes("acmee/production/odoo")]).toEqual([false, false]);
    expect(world.objects.has("acme/production/filestore")).toBe(true);
  });

  test("is recreated only when its name is typed, which the ledger keeps; nothing that is there is given up", async () => {
    expect(await refusalOf(apply(BOTH, { recreate: ["beta/production"] }))).toEqual(["BAL-A026 beta/production"]);
    expect(await apply(BOTH, { recreate: ["acme/production"] })).toEqual({ state: "done", problems: [] });
    expect([world.objects.has(DATABASE), (await statusOf("acme/production")).state]).toEqual([true, "serving"]);
    const entries = (await simulated.store.ledgerLines(1000)).map(
      (line) => JSON.parse(line.entry) as { act: string; actor: string; subject: string },
    );
    expect(entries.filter((entry) => entry.act === "data.given-up").map(({ actor, subject }) => [actor, subject])).toEqual([
      ["anna", "acme/production"],
    ]);
    expect(simulated.faults).toEqual([]);
  });
});

describe("what stands in the place of lost data", () => {
  const FILES = "acme/production/filestore";
  const ledger = async () =>
    (await simulated.store.ledgerLines(1000))
      .map((line) => JSON.parse(line.entry) as { act: string; subject: string; reasons: string[] })
      .filter(({ act }) => act === "data.adopted" || act === "data.given-up")
      .map(({ act, subject, reasons }) => [act, subject, ...reasons]);
  const identify = (id: string, identity: string) => world.objects.set(id, { ...(world.objects.get(id) as MemoryObject), identity });

  test("is not taken for what is recreated: giving up is refused whole, and adopting takes it as it is", async () => {
    identify(FILES, "one");
    await simulated.look();
    identify(FILES, "two");
    const before = [await ledger(), await simulated.store.revisionInForce()];
    const changed = BOTH.replace("name: Beta,", "name: Beta Ltd,");
    expect(changed).not.toBe(BOTH);
    expect(await refusalOf(apply(changed, { recreate: ["acme/production"] }))).toEqual([`BAL-A052 ${FILES}`]);
    expect([await ledger(), await simulated.store.revisionInForce()]).toEqual(before);
    expect([simulated.memory.records().get(FILES)?.identity, (await statusOf("acme/production")).state]).toEqual(["one", "down"]);
    expect(await apply(BOTH, { adopt: ["acme/production"] })).toEqual({ state: "done", problems: [] });
    expect([simulated.memory.records().get(FILES)?.identity, (await statusOf("acme/production")).state]).toEqual(["two", "serving"]);
    expect((await ledger()).at(-1)).toEqual(["data.adopted", "acme/production", `${FILES} is two from now on`]);
  });

  test("a database that was restored without our label is lost until it is adopted, and is then told what is the stack's own", async () => {
    const changes = world.effects.get(DATABASE) ?? 0;
    world.objects.delete(DATABASE);
    world.foreign.set(DATABASE, "7/20000");
    expect(await apply(BOTH)).toEqual(LOST);
    expect(await refusalOf(apply(BOTH, { recreate: ["acme/production"] }))).toEqual([`BAL-A052 ${DATABASE}`]);
    expect(await apply(BOTH, { adopt: ["acme/production"] })).toEqual({ state: "done", problems: [] });
    expect([(await statusOf("acme/production")).state, world.effects.get(DATABASE)]).toEqual(["serving", changes + 1]);
    expect(simulated.memory.records().get(DATABASE)?.identity).toBe("7/20000");
  });

  test("there is nothing to adopt where all is as it was made, or nothing is declared: that is refused, and its files are not in force", async () => {
    const before = [await ledger(), await simulated.store.revisionInForce()];
    const changed = BOTH.replace("name: Beta,", "name: Beta Inc,");
    expect(await refusalOf(apply(changed, { adopt: ["beta/production"] }))).toEqual(["BAL-A053 beta/production"]);
    expect(await refusalOf(apply(changed, { adopt: ["acme/prodution"] }))).toEqual(["BAL-A026 acme/prodution"]);
    expect([await ledger(), await simulated.store.revisionInForce()]).toEqual(before);
  });
});

describe("a rename", () => {
  const GAMMA = BOTH.replace("name: beta }", "name: gamma, renamedFrom: beta }");
  const holding = () => [...world.objects.keys()].filter((id) => /^(beta|gamma)\/production\/(database|filestore)$/.test(id)).sort();
  const OLD = ["beta/production/database", "beta/production/filestore"];
  const NEW = ["gamma/production/database", "gamma/production/filestore"];

  test("onto a name that kept data is refused before anything begins, by plan as well, and what is in force stays", async () => {
    await apply(BOTH.replace("name: beta }", "name: gamma }"), { reallyNew: ["gamma"] });
    await apply(BOTH);
    expect(holding()).toEqual([...OLD, ...NEW]);
    const before = await simulated.store.revisionInForce();
    const refused = NEW.map((node) => `BAL-W027 ${node}`);
    expect(await refusalOf(apply(GAMMA))).toEqual(refused);
    const planned = (await simulated.plane.plan(files(GAMMA))).stacks.find((stack) => stack.stack === "gamma/production");
    expect(planned?.unknown.map(({ code, at }) => `${code} ${at}`)).toEqual(refused);
    expect([holding(), await simulated.store.revisionInForce()]).toEqual([[...OLD, ...NEW], before]);
  });

  test("of a name of which no data is here says so in its plan", async () => {
    const { notes } = await simulated.plane.plan(files(BOTH.replace("name: beta }", "name: delta, renamedFrom: nobody }")));
    expect(notes).toContain("delta/production is declared as renamed from nobody/production, of which no data is here: it starts empty");
  });
});

describe("a database that somebody put in the place of another", () => {
  const place = (identity: string) => world.objects.set(DATABASE, { ...(world.objects.get(DATABASE) as MemoryObject), identity });

  test("degrades its stack and is told by plan, is left as it is, and counts as the stack's own once it is adopted by name", async () => {
    place("7/20000");
    await simulated.look();
    expect((await statusOf("acme/production")).state).toBe("serving");
    place("7/16400");
    const says = "is not what was made: identity 7/20000 → 7/16400";
    expect(await statusOf("acme/production")).toEqual({ state: "degraded", because: [`${DATABASE} ${says}`] });
    const told = async () => {
      const planned = (await simulated.plane.plan(files(BOTH))).stacks.find((stack) => stack.stack === "acme/production");
      return planned?.unknown.map(({ code, severity, at, message }) => [code, severity, at, message]);
    };
    expect(await told()).toEqual([["BAL-W028", "warning", DATABASE, says]]);
    await apply(BOTH);
    expect(world.objects.get(DATABASE)?.identity).toBe("7/16400");
    await apply(BOTH, { adopt: ["acme/production"] });
    expect([await told(), (await statusOf("acme/production")).state]).toEqual([[], "serving"]);
  });

  test("is adopted under the lease of its stack alone: while another operation holds that, nothing is taken, and nothing is written down", async () => {
    await simulated.look();
    const adopted = async () => (await simulated.store.ledgerLines(1000)).filter((line) => line.entry.includes("data.adopted")).length;
    const before = [simulated.memory.records().get(DATABASE)?.identity, await adopted()];
    place("7/30000");
    await simulated.look();
    const at = new Date(now());
    await simulated.store.addOperation({ id: "op-other", verb: "converge", stack: "acme/production", actor: "ben", request: {}, at });
    await simulated.store.takeLease("acme/production", "op-other", at);
    expect((await apply(BOTH, { adopt: ["acme/production"] })).state).toBe("refused");
    expect([simulated.memory.records().get(DATABASE)?.identity, await adopted()]).toEqual(before);
    await simulated.store.endOperation("op-other", "done", {}, at);
    await simulated.store.releaseEndedLeases();
    expect((await apply(BOTH, { adopt: ["acme/production"] })).state).toBe("done");
    expect([simulated.memory.records().get(DATABASE)?.identity, await adopted()]).toEqual(["7/30000", Number(before[1]) + 1]);
  });
});
