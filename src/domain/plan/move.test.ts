import { describe, expect, test } from "vitest";
import type { DataRecord, DataRecords } from "../stack/data-record.ts";
import { moveProblems, movesOf, type Placement, serversOfData } from "./move.ts";

const OWN = "servers of its own";

function at(address: string, more: Partial<Placement> = {}): Placement {
  return { address, servers: "pool everyone", region: "here", ...more };
}

const acme = at("acme/production");
const globex = at("globex/production", { servers: "pool second" });
const nothing = new Map<string, string>();
const said = (declared: readonly Placement[], after: readonly Placement[], data: ReadonlyMap<string, string> = nothing) =>
  movesOf({ declared, data }, after).map(({ address, field, from, to }) => `${address} ${field}: ${from} → ${to}`);

describe("a move", () => {
  test.each<{
    of: string;
    before?: readonly Placement[];
    after: readonly Placement[];
    data?: ReadonlyMap<string, string>;
    moves: string[];
  }>([
    { of: "nothing is none", after: [acme, globex], moves: [] },
    {
      of: "a renamed pool is that of all its environments",
      after: [at("acme/production", { servers: "pool all" }), globex],
      moves: ["acme/production pool: pool everyone → pool all"],
    },
    {
      of: "a renamed region is that of every environment",
      after: [at("acme/production", { region: "there" }), { ...globex, region: "there" }],
      moves: ["acme/production region: region here → region there", "globex/production region: region here → region there"],
    },
    {
      of: "both at once is told as one",
      after: [at("acme/production", { servers: "pool all", region: "there" })],
      moves: ["acme/production pool: pool everyone in region here → pool all in region there"],
    },
    {
      of: "a changed hosting is one from or to servers of its own",
      after: [at("acme/production", { servers: OWN })],
      moves: [`acme/production hosting: pool everyone → ${OWN}`],
    },
    {
      of: "two tenants that swap their pools is that of both",
      after: [at("acme/production", { servers: "pool second" }), at("globex/production", { servers: "pool everyone" })],
      moves: ["acme/production pool: pool everyone → pool second", "globex/production pool: pool second → pool everyone"],
    },
    {
      of: "a renamed tenant is found under its former name",
      after: [at("nova/production", { formerly: "acme/production", servers: "pool all" })],
      moves: ["nova/production pool: pool everyone → pool all"],
    },
    {
      of: "a rename that has been carried out is found under the new name",
      before: [at("nova/production", { formerly: "acme/production" })],
      after: [at("nova/production", { formerly: "acme/production", region: "there" })],
      moves: ["nova/production region: region here → region there"],
    },
    { of: "a tenant that is only renamed is none", after: [at("nova/production", { formerly: "acme/production" })], moves: [] },
    { of: "a tenant that is new is none", after: [acme, globex, at("initech/production", { servers: "pool all" })], moves: [] },
    { of: "a pool that goes with all its tenants is none", after: [globex], moves: [] },
    {
      of: "what was dropped and comes back elsewhere is found where its data lies",
      before: [globex],
      data: new Map([["acme/production", "pool everyone"]]),
      after: [at("acme/production", { servers: "pool all" })],
      moves: ["acme/production pool: pool everyone → pool all"],
    },
    {
      of: "what goes back to where its data lies is none",
      before: [at("acme/production", { servers: "pool all" })],
      data: new Map([["acme/production", "pool everyone"]]),
      after: [acme],
      moves: [],
    },
    {
      of: "what stays as it is in force is none, though its data lies elsewhere: it is no new desired state",
      before: [at("acme/production", { servers: "pool all" })],
      data: new Map([["acme/production", "pool everyone"]]),
      after: [at("acme/production", { servers: "pool all" })],
      moves: [],
    },
  ])("of $of", ({ before = [acme, globex], after, data, moves }) => {
    expect(said(before, after, data)).toEqual(moves);
  });

  test("is refused once for all that would go the same way, with the first place", () => {
    const after = [at("acme/production", { servers: "pool all" }), at("globex/production", { servers: "pool all" })];
    const before = [acme, at("globex/production")];
    const places = (address: string, field: string) => `fleet.yaml ${address} ${field}`;
    const problems = moveProblems(movesOf({ declared: before, data: nothing }, after), places);
    expect(problems).toEqual([
      {
        code: "BAL-A056",
        severity: "error",
        at: "fleet.yaml acme/production pool",
        address: "acme/production",
        message:
          "acme/production, globex/production would move from pool everyone to pool all: its data would stay behind, since it does not move by itself; this version cannot move it",
        hint: "nothing was changed; declare it in pool everyone again. Another name of a pool or a region makes another one of it",
      },
    ]);
  });
});

test("on which servers data lies is read off what they use: a pool's, or their own", () => {
  const record = (node: string, kind: DataRecord["kind"], uses: DataRecord["declared"]["uses"]): [string, DataRecord] => [
    node,
    { node, kind, since: "2026-11-01T08:30:00Z", declared: { spec: {} as never, uses } },
  ];
  const records: DataRecords = new Map([
    record("pool/everyone/data", "volume", []),
    record("acme/production/database", "database", [{ to: "pool/everyone/postgres", as: "sql" }]),
    record("globex/production/filestore", "filestore", [{ to: "globex/production/template", as: "clone" }]),
  ]);
  expect([...serversOfData(records)]).toEqual([
    ["acme/production", "pool everyone"],
    ["globex/production", OWN],
  ]);
});
