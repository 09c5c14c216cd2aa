import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryObservation, arbitraryStack, seenAs } from "../../../test/support/arbitrary-stack.ts";
import { planStack } from "../plan/plan.ts";
import { type DataRecord, type DataRecords, lostDisks, lostIn, type Memory, remember } from "./data-record.ts";
import type { AnyNode, Stack } from "./node.ts";
import { specHash } from "./node.ts";
import type { Observation, ObservedNode, Seen } from "./observation.ts";
import { healthOf } from "./status.ts";

const SINCE = "2026-11-01T08:30:00.000Z";

function recordOf(node: Pick<AnyNode, "id" | "kind" | "spec" | "uses">, more: Partial<DataRecord> = {}): DataRecord {
  return { node: node.id, kind: node.kind, since: SINCE, declared: { spec: node.spec, uses: node.uses }, ...more };
}

function recordsOf(nodes: readonly AnyNode[], more: Partial<DataRecord> = {}): DataRecords {
  return new Map(nodes.map((node) => [node.id, recordOf(node, more)]));
}

const NONE: Memory = { records: new Map(), wanted: [], lostServers: new Map() };

function databaseIn(stack: string): AnyNode {
  return {
    id: `${stack}/database`,
    kind: "database",
    spec: {
      name: stack.replace("/", "_"),
      role: stack.replace("/", "_"),
      connectionLimit: 5,
      series: "19.0",
      settings: {},
      reportUrl: "r",
      baseUrl: "u",
      neutralised: false,
      adminLogin: "admin",
    },
    uses: [{ to: "pool/everyone/postgres", as: "sql" }],
    from: [],
  };
}

const database = databaseIn("acme/production");
const filestore: AnyNode = {
  id: "acme/production/filestore",
  kind: "filestore",
  spec: { database: "acme_production" },
  uses: [{ to: "pool/everyone/template", as: "clone" }],
  from: [],
};
const secret: AnyNode = {
  id: "acme/production/api-key",
  kind: "secret",
  spec: { purpose: "api-key", bytes: 24, generation: 1 },
  uses: [],
  from: [],
};
const mailbox: AnyNode = {
  id: "acme/production/odoo",
  kind: "mailbox",
  spec: { image: "i", memoryMiB: 1, cpuShares: 1, pidsLimit: 1 },
  uses: [
    { to: database.id, as: "data" },
    { to: filestore.id, as: "mount" },
  ],
  from: [],
};
const acme: Stack = { id: "acme/production", role: "environment", nodes: [secret, database, filestore, mailbox] };

function seen(stack: Stack, over: Readonly<Record<string, Seen<ObservedNode>>>): Observation {
  return { ...seenAs(stack), nodes: new Map([...seenAs(stack).nodes, ...Object.entries(over)]) };
}

const absent = { state: "absent", at: 0 } as const;
const remembered: Memory = { ...NONE, wanted: acme.nodes, records: recordsOf([database, filestore]) };

describe("what once held data and is gone", () => {
  test("is lost, with the date since when it held data, and the stack is down because of it", () => {
    const without = remember(seen(acme, { [database.id]: absent }), remembered).seen;
    expect(lostIn(without)).toEqual([{ node: database.id, because: "held data since 2026-11-01 08:30Z and is gone" }]);
    expect(healthOf(acme, without)).toMatchObject({
      state: "down",
      because: ["acme/production/database held data since 2026-11-01 08:30Z and is gone"],
      drift: [{ node: database.id, kind: "missing", says: "held data since 2026-11-01 08:30Z and is gone" }],
    });
  });

  test("is not made, nor is anything that stands on it, nor other data beside it; the rest is", () => {
    const gone = { [database.id]: absent, [secret.id]: absent, [mailbox.id]: absent };
    const plan = planStack(acme, remember(seen(acme, gone), remembered).seen);
    expect(plan.changes.map((change) => [change.verb, change.node])).toEqual([["create", secret.id]]);
    expect(plan.obstacles).toEqual([{ node: database.id, kind: "lost", because: "held data since 2026-11-01 08:30Z and is gone" }]);
    const never = { ...remembered, records: recordsOf([database]) };
    const both = planStack(acme, remember(seen(acme, { [database.id]: absent, [filestore.id]: absent }), never).seen);
    expect(both.changes).toEqual([]);
  });

  test("says what stands in its place", () => {
    const other = {
      ...absent,
      instead: { says: "a database acme_production without our label (7/16400)", removal: "drop it", adoptable: true },
    };
    expect(lostIn(remember(seen(acme, { [database.id]: other }), remembered).seen)).toEqual([
      {
        node: database.id,
        because: "held data since 2026-11-01 08:30Z and is gone; in its place is a database acme_production without our label (7/16400)",
      },
    ]);
  });

  test("is not said to be gone where it is only declared on other servers than it was made on", () => {
    const wanted: AnyNode = { ...database, uses: [{ to: "pool/all/postgres", as: "sql" }] };
    const elsewhere: Observation = { stack: "acme/production", at: 1, nodes: new Map([[database.id, { state: "absent", at: 1 }]]) };
    const told = (node: AnyNode) => lostIn(remember(elsewhere, { ...NONE, records: recordsOf([database]), wanted: [node] }).seen);
    expect(told(wanted).map(({ because }) => because)).toEqual([
      "held data since 2026-11-01 08:30Z on pool/everyone/postgres, and is declared on pool/all/postgres now, where it is not: declared on pool/everyone/postgres again, it is looked for there",
    ]);
    expect(told(database).map(({ because }) => because)).toEqual(["held data since 2026-11-01 08:30Z and is gone"]);
  });

  test("is unknown, not lost, while its server cannot be asked; lost with its server where that has lost its disk", () => {
    const hidden = { ...absent, hidden: "its server pool/everyone/postgres is not there" };
    expect(remember(seen(acme, { [database.id]: hidden }), remembered).seen.nodes.get(database.id)).toEqual({
      state: "unknown",
      since: 0,
      because: "its server pool/everyone/postgres is not there",
    });
    const disk = { ...remembered, lostServers: new Map([["pool/everyone/postgres", "its disk pool/everyone/data is gone"]]) };
    expect(lostIn(remember(seen(acme, { [database.id]: hidden }), disk).seen)).toEqual([
      {
        node: database.id,
        because: "held data since 2026-11-01 08:30Z and is gone with pool/everyone/postgres: its disk pool/everyone/data is gone",
      },
    ]);
  });

  test("is lost also where another one of the same name and labels stands there: a disk is nothing to start on, a database is told", () => {
    const withIdentity = (node: AnyNode, identity: string): Seen<ObservedNode> => ({
      state: "present",
      at: 0,
      value: { declared: node, hash: specHash(node), condition: "serving", facts: { identity } },
    });
    const known = { ...remembered, records: recordsOf([database, filestore], { identity: "one" }) };
    const swapped = seen(acme, { [filestore.id]: withIdentity(filestore, "two"), [database.id]: withIdentity(database, "two") });
    const { nodes } = remember(swapped, known).seen;
    expect(nodes.get(filestore.id)).toMatchObject({
      state: "lost",
      because: "held data since 2026-11-01 08:30Z, and what is there under its name is another one",
    });
    expect(nodes.get(database.id)).toMatchObject({
      state: "present",
      value: { edits: [{ field: "identity", made: "one", found: "two", repair: "report" }] },
    });
  });

  test("is found again by what was seen before: whatever holds data is remembered from its first observation on, and nothing else", () => {
    const { keep, forget } = remember(seen(acme, {}), { ...NONE, wanted: acme.nodes });
    expect([keep.map((record) => record.node), forget]).toEqual([[database.id, filestore.id], []]);
  });

  test("goes with everything else where all is deleted by name, though nobody declares it any more", () => {
    const nobody = { ...acme, nodes: [] };
    const left = remember({ stack: acme.id, at: 0, nodes: new Map() }, remembered).seen;
    expect(
      planStack(nobody, left, "remove-all")
        .changes.map((change) => `${change.verb} ${change.node}`)
        .sort(),
    ).toEqual([`remove ${database.id}`, `remove ${filestore.id}`]);
    expect(planStack(nobody, left)).toEqual({ stack: acme.id, changes: [], obstacles: [] });
  });

  test("is never recreated, whatever else is there, is missing or is unknown", () => {
    fc.assert(
      fc.property(
        arbitraryStack().chain((stack) => arbitraryObservation(stack).map((observation) => ({ stack, observation }))),
        ({ stack, observation }) => {
          const records = recordsOf(stack.nodes.filter((node) => node.kind === "database" || node.kind === "volume"));
          const plan = planStack(stack, remember(observation, { ...NONE, records, wanted: stack.nodes }).seen);
          const made = plan.changes.filter((change) => change.verb === "create").map((change) => change.node);
          expect(made.filter((node) => records.has(node))).toEqual([]);
          const lost = [...records.keys()].filter((node) => observation.nodes.get(node)?.state === "absent");
          expect(
            plan.obstacles
              .filter((one) => one.kind === "lost")
              .map((one) => one.node)
              .sort(),
          ).toEqual(lost.sort());
          const onLost = stack.nodes.filter((node) => node.uses.some((edge) => lost.includes(edge.to))).map((node) => node.id);
          expect(plan.changes.filter((change) => onLost.includes(change.node))).toEqual([]);
        },
      ),
    );
  });
});

describe("disks", () => {
  const volume = (name: string): AnyNode => ({
    id: `pool/everyone/${name}`,
    kind: "volume",
    spec: { purpose: "postgres" },
    uses: [],
    from: [],
  });
  const server = (kind: "postgres" | "replica", disk: string) => {
    const follows = kind === "replica" ? [{ to: "pool/everyone/postgres", as: "sql" }] : [];
    const uses = [{ to: `pool/everyone/${disk}`, as: "mount" }, ...follows];
    return { id: `pool/everyone/${kind}`, kind, spec: {}, uses, from: [] } as unknown as AnyNode;
  };
  const pool: Stack = {
    id: "pool/everyone",
    role: "pool",
    nodes: [volume("data"), server("postgres", "data"), volume("replica-data"), server("replica", "replica-data")],
  };

  test("of a replica are copied again, and certificates asked for again: they are not remembered", () => {
    const certificates: AnyNode = { id: "platform/here/acme", kind: "volume", spec: { purpose: "acme" }, uses: [], from: [] };
    const all = { ...pool, nodes: [...pool.nodes, certificates] };
    expect(remember(seenAs(all), { ...NONE, wanted: all.nodes }).keep.map((record) => record.node)).toEqual(["pool/everyone/data"]);
  });

  test("that are gone take the server with them, and no empty server is made", () => {
    const records = recordsOf([volume("data")]);
    const nothing = seen(pool, Object.fromEntries(pool.nodes.map((node) => [node.id, absent])));
    const observation = remember(nothing, { ...NONE, records, wanted: pool.nodes }).seen;
    expect(lostDisks(observation, { records })).toBe("its disk pool/everyone/data is gone");
    expect(planStack(pool, observation).changes).toEqual([]);
  });
});

describe("what was declared under another name", () => {
  const old = databaseIn("former/production");
  const former = (observation: Seen<ObservedNode>): Observation => ({
    stack: "former/production",
    at: 0,
    nodes: new Map([[old.id, observation]]),
  });
  const present = seenAs({ id: "former/production", role: "environment", nodes: [old] }).nodes.get(old.id) as Seen<ObservedNode>;
  const heir: Stack = { id: "acme/production", role: "environment", nodes: [database], formerly: "former/production" };
  const look = (own: Seen<ObservedNode>, source: Seen<ObservedNode>, records: DataRecords) =>
    remember(seen(heir, { [database.id]: own }), { ...NONE, wanted: heir.nodes, records, former: former(source) });
  const own = seenAs(heir).nodes.get(database.id) as Seen<ObservedNode>;
  const both = (mine: Partial<DataRecord>) => new Map([...recordsOf([old]), ...recordsOf([database], mine)]);

  test("is taken over while it is there, and missed under the new name where it is lost", () => {
    expect(look(absent, present, recordsOf([old])).seen.nodes.get(database.id)).toEqual(absent);
    expect(lostIn(look(absent, absent, recordsOf([old])).seen)).toEqual([
      { node: database.id, because: "held data since 2026-11-01 08:30Z and is gone" },
    ]);
  });

  test("goes on being taken over where that was begun, and is whole once nothing is left under the former name", () => {
    const begun = both({ takesOver: old.id });
    expect(look(own, present, begun).seen.nodes.get(database.id)).toEqual(absent);
    const whole = look(own, absent, begun);
    expect([whole.seen.nodes.get(database.id)?.state, whole.keep.map((one) => one.takesOver), whole.forget]).toEqual([
      "present",
      [undefined],
      [old.id],
    ]);
    expect(lostIn(look(absent, absent, begun).seen).map((one) => one.node)).toEqual([database.id]);
  });

  test("leaves alone what has data of its own", () => {
    expect(look(own, present, both({})).seen.nodes.get(database.id)).toEqual(own);
  });
});
