import { expect, test } from "vitest";
import { seenAs } from "../../../test/support/arbitrary-stack.ts";
import type { AnyNode, Stack } from "./node.ts";
import { healthOf } from "./status.ts";

const spec = { image: "i", memoryMiB: 1, cpuShares: 1, pidsLimit: 1, epoch: 1, settings: {} };
const server: AnyNode = { id: "pool/p/postgres", kind: "postgres", spec, uses: [], from: [] };
const data: AnyNode = { id: "pool/p/data", kind: "volume", spec: { purpose: "postgres" }, uses: [], from: [] };
const pool: Stack = { id: "pool/p", role: "pool", nodes: [data, server] };

test("serving when every node is there and runs", () => {
  expect(healthOf(pool, seenAs(pool))).toEqual({ state: "serving", because: [], drift: [] });
});

test("unknown is said as unknown, with its reason", () => {
  const nodes = new Map(seenAs(pool).nodes).set("pool/p/postgres", { state: "unknown", since: 0, because: "no answer for 35 s" });
  expect(healthOf(pool, { stack: "pool/p", at: 0, nodes })).toEqual({
    state: "unknown",
    because: ["pool/p/postgres: no answer for 35 s"],
    drift: [],
  });
});

test("a missing part is down, everything stopped is stopped only where that is the desired state", () => {
  expect(healthOf(pool, { stack: "pool/p", at: 0, nodes: new Map([...seenAs(pool).nodes].slice(1)) })).toMatchObject({
    state: "down",
    because: ["pool/p/data is not there"],
  });
  const nodes = new Map(seenAs(pool).nodes);
  const stopped = seenAs({ ...pool, nodes: [server] }, "stopped").nodes.get("pool/p/postgres");
  if (stopped) nodes.set("pool/p/postgres", stopped);
  const because = ["pool/p/postgres is stopped"];
  expect(healthOf(pool, { stack: "pool/p", at: 0, nodes }, "stopped")).toMatchObject({ state: "stopped", because });
  expect(healthOf(pool, { stack: "pool/p", at: 0, nodes }, "running")).toMatchObject({ state: "down", because });
});

test("what was asked for and not carried out is named field by field and does not make a serving stack unwell", () => {
  const wanted: Stack = { ...pool, nodes: [data, { ...server, spec: { ...spec, memoryMiB: 2 } }] };
  expect(healthOf(wanted, seenAs(pool))).toEqual({
    state: "serving",
    because: [],
    drift: [{ node: "pool/p/postgres", kind: "pending", says: "memoryMiB 1 → 2" }],
  });
});

test("a follower that is missing closes nobody", () => {
  const follower: AnyNode = { id: "a/b/postgres-replica", kind: "replica", spec: { ...spec, mode: "synchronous" }, uses: [], from: [] };
  const primary: AnyNode = { ...server, id: "a/b/postgres" };
  const both: Stack = { id: "a/b", role: "environment", nodes: [primary, follower] };
  const { state, because } = healthOf(both, { stack: "a/b", at: 0, nodes: seenAs({ ...both, nodes: [primary] }).nodes });
  expect([state, because]).toEqual(["degraded", ["a/b/postgres-replica is not there"]]);
});

test("a server that is stopped takes with it what only it could show; where another one follows, it is said that nobody promotes it", () => {
  const follower: AnyNode = { id: "a/b/postgres-replica", kind: "replica", spec: { ...spec, mode: "synchronous" }, uses: [], from: [] };
  const primary: AnyNode = { ...server, id: "a/b/postgres" };
  const both: Stack = { id: "a/b", role: "environment", nodes: [primary, follower, { ...data, id: "a/b/data" }] };
  const nodes = new Map(seenAs(both).nodes);
  const [stopped] = seenAs({ ...both, nodes: [primary] }, "stopped").nodes.values();
  if (stopped) nodes.set("a/b/postgres", stopped);
  nodes.set("a/b/data", { state: "unknown", since: 0, because: "a/b/postgres is stopped" });
  expect(healthOf(both, { stack: "a/b", at: 0, nodes })).toEqual({
    state: "down",
    because: [
      "a/b/postgres is stopped (failover to the replica is not part of this version: this server is started again)",
      "a/b/data: a/b/postgres is stopped",
    ],
    drift: [{ node: "a/b/postgres", kind: "stopped", says: "is stopped" }],
  });
});

test("a database that outgrew its disk quota goes on serving, and is said with both numbers", () => {
  const spec = {
    name: "d",
    role: "d",
    connectionLimit: 5,
    series: "19.0",
    settings: {},
    reportUrl: "r",
    baseUrl: "u",
    neutralised: false,
    adminLogin: "a",
    diskQuotaBytes: 64 * 1024 ** 2,
  };
  const stack: Stack = {
    id: "t/production",
    role: "environment",
    nodes: [{ id: "t/production/database", kind: "database", spec, uses: [], from: [] }],
  };
  const held = (bytes: number) => {
    const nodes = new Map(
      [...seenAs(stack).nodes].map(([id, observation]) => [
        id,
        observation.state === "present" ? { ...observation, value: { ...observation.value, facts: { bytes } } } : observation,
      ]),
    );
    return healthOf(stack, { stack: stack.id, at: 0, nodes });
  };
  expect(held(65 * 1024 ** 2)).toEqual({
    state: "degraded",
    because: ["t/production/database holds 65 MiB, and its disk quota grants 64 MiB"],
    drift: [],
  });
  expect(held(64 * 1024 ** 2).state).toBe("serving");
});

test("a process that ended often within an hour degrades its stack, though it runs at each look", () => {
  const nodes = new Map(seenAs(pool).nodes);
  const observation = nodes.get("pool/p/postgres");
  if (observation?.state !== "present") throw new Error("not seen");
  nodes.set("pool/p/postgres", { ...observation, value: { ...observation.value, facts: { endsInAnHour: 5 } } });
  expect(healthOf(pool, { stack: "pool/p", at: 0, nodes })).toMatchObject({
    state: "degraded",
    because: ["pool/p/postgres ended by itself 5 times within an hour"],
    drift: [],
  });
});
