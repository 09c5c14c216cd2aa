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

test("a missing part is down, everything stopped is stopped only where that is the wish", () => {
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
