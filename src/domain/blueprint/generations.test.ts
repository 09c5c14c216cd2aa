import { expect, test } from "vitest";
import { type AnyNode, nameOf, type Stack, specHash } from "../stack/node.ts";
import { countedUp, FIRST_GENERATIONS, raisedFloor, withGenerations } from "./generations.ts";

const FROM = [{ at: "fleet.yaml:1:1", what: "tenant" }];
const secret = (id: string): AnyNode => ({
  id,
  kind: "secret",
  spec: { purpose: "role-password", bytes: 24, generation: 1 },
  uses: [],
  from: FROM,
});
const stack: Stack = {
  id: "acme/production",
  role: "environment",
  nodes: [
    secret("acme/production/role-password"),
    secret("acme/production/master-password"),
    {
      id: "acme/production/certificate",
      kind: "certificate",
      spec: { names: ["a"], validDays: 397, generation: 114 },
      uses: [],
      from: FROM,
    },
    {
      id: "acme/production/keyspace",
      kind: "keyspace",
      spec: { user: "u", prefix: "p" },
      uses: [
        { to: "acme/production/role-password", as: "credential" },
        { to: "acme/production/master-password", as: "data" },
      ],
      from: FROM,
    },
  ],
};
const none = new Map<string, string>();
const hashes = ({ nodes }: Stack) => Object.fromEntries(nodes.map((node) => [nameOf(node.id), specHash(node)]));
const before = hashes(stack);
const differing = (after: Stack) => Object.keys(before).filter((name) => hashes(after)[name] !== before[name]);

test("while nothing was rotated, everything is as it would be without generations", () => {
  expect(withGenerations(stack, { floor: 1, of: {} }, none)).toEqual(stack);
});

test("a rotated secret differs, and so does who uses it as a credential; nobody else", () => {
  const after = withGenerations(stack, { floor: 1, of: { "acme/production/role-password": 2 } }, none);
  expect(differing(after)).toEqual(["role-password", "keyspace"]);
  expect(after.nodes[3]?.uses).toEqual([
    { to: "acme/production/role-password", as: "credential", generation: 2 },
    { to: "acme/production/master-password", as: "data" },
  ]);
});

test("a certificate goes on from the number that the calendar gave it", () => {
  const after = withGenerations(stack, { floor: 1, of: { "acme/production/certificate": 3 } }, none);
  expect(after.nodes[2]?.spec).toEqual({ names: ["a"], validDays: 397, generation: 116 });
});

test("a database whose own secret was rotated differs, and so does who works with its data; what is lost with the store it keeps", () => {
  const database = "acme/production/database";
  const spec = {
    name: "d",
    role: "d",
    connectionLimit: 8,
    series: "19.0",
    settings: {},
    reportUrl: "r",
    baseUrl: "b",
    neutralised: false,
    adminLogin: "admin",
  };
  const nodes: readonly AnyNode[] = [
    { id: database, kind: "database", spec, uses: [{ to: "acme/production/postgres-replica", as: "data" }], from: FROM },
    {
      id: "acme/production/keyspace",
      kind: "keyspace",
      spec: { user: "u", prefix: "p" },
      uses: [{ to: database, as: "data" }],
      from: FROM,
    },
  ];
  const after = withGenerations({ ...stack, nodes }, { floor: 900, of: { [database]: 2 } }, none);
  expect(after.nodes).toEqual([
    { ...nodes[0], spec: { ...spec, secretGeneration: 2 } },
    { ...nodes[1], uses: [{ to: database, as: "data", generation: 2 }] },
  ]);
  expect(withGenerations({ ...stack, nodes }, { floor: 900, of: {} }, none).nodes).toEqual(nodes);
});

test("a floor lifts every secret, and none falls below what it had", () => {
  const after = withGenerations(stack, { floor: 900, of: { "acme/production/role-password": 901 } }, none);
  expect(after.nodes.map((node) => ("generation" in node.spec ? node.spec.generation : undefined))).toEqual([901, 900, 1013, undefined]);
});

test("a renamed tenant goes on with the generations of its former name", () => {
  const generations = { floor: 1, of: { "former/production/role-password": 4 } };
  expect(withGenerations(stack, generations, new Map([["acme/production", "former/production"]])).nodes[0]?.spec).toMatchObject({
    generation: 4,
  });
  expect(withGenerations(stack, generations, none)).toEqual(stack);
});

test("who is rotated counts up from where it stands, the others stay", () => {
  const once = countedUp(FIRST_GENERATIONS, ["a/production/role-password"]);
  expect(countedUp(once, ["a/production/role-password", "a/production/api-key"])).toEqual({
    floor: 1,
    of: { "a/production/role-password": 3, "a/production/api-key": 2 },
  });
});

test("a floor is above what was counted since the last one, also where everything is lost twice within a minute", () => {
  const now = Date.parse("2026-11-23T03:00:00Z");
  const counted = countedUp(raisedFloor(FIRST_GENERATIONS, now), ["a/production/role-password"]);
  const again = raisedFloor(FIRST_GENERATIONS, now + 20_000);
  expect(again.floor).toBeGreaterThan(counted.of["a/production/role-password"] as number);
  expect(raisedFloor(FIRST_GENERATIONS, Date.parse("2093-01-01")).floor).toBeLessThan(2 ** 31);
});
