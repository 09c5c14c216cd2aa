import { expect, test } from "vitest";
import { type Parts, told } from "../../../../test/support/policy.ts";

const isolated = (fields: string): Parts => ({ environments: `production: { hosting: isolated, tier: business, ${fields} }` });
const SIZES = "sizes: { jobs: { slots: 2 }, cron: { threads: 2 } }";

test("a memory quota below the sum of the processes' limits is refused with both numbers", () => {
  expect(told("BAL-P001", isolated("quotas: { memory: 2Gi }"))).toEqual([
    "error acme/production: quotas.memory is 2048 MiB, and its Odoo processes may use 3008 MiB together",
  ]);
  expect(told("BAL-P001", isolated("quotas: { memory: 4Gi }"))).toEqual([]);
  expect(told("BAL-P001", isolated("quotas: { pids: 900 }"))).toEqual([]);
});

test("a connection quota below what pooler and processes may open is refused with both numbers", () => {
  expect(told("BAL-P002", isolated("quotas: { connections: 20 }"))).toEqual([
    "error acme/production: quotas.connections is 20, and its pooler and processes may open 64",
  ]);
  expect(told("BAL-P002", isolated("quotas: { connections: 64 }"))).toEqual([]);
});

test("more scheduled jobs at once than the quota allows are refused", () => {
  expect(told("BAL-P003", isolated(`${SIZES}, quotas: { cronThreads: 1 }`))).toEqual([
    "error acme/production: sizes.cron.threads is 2, and quotas.cronThreads allows 1",
  ]);
  expect(told("BAL-P003", isolated(`${SIZES}, quotas: { cronThreads: 2 }`))).toEqual([]);
});

test("more queued jobs at once than the quota allows are refused", () => {
  expect(told("BAL-P004", isolated(`${SIZES}, quotas: { jobSlots: 1 }`))).toEqual([
    "error acme/production: sizes.jobs.slots is 2, and quotas.jobSlots allows 1",
  ]);
  expect(told("BAL-P004", isolated(`${SIZES}, quotas: { jobSlots: 2 }`))).toEqual([]);
});

test("less memory than processes were measured to use is a warning at the node", () => {
  expect(told("BAL-P005", isolated("sizes: { web: { processes: 4, memory: 400Mi } }"))).toEqual([
    "warning acme/production/odoo-web: 400 MiB for 4 processes, which were measured at 540 MiB",
  ]);
  expect(told("BAL-P005", isolated("sizes: { web: { processes: 4, memory: 540Mi } }"))).toEqual([]);
});

test("disk that was granted beyond the disk of the pool is a warning", () => {
  const pool = (storage: string): Parts => ({
    pool: `postgres: { storage: ${storage} }`,
    environments:
      "production: { hosting: shared, pool: all, quotas: { disk: 40Gi } }, staging: { hosting: shared, pool: all, quotas: { disk: 20Gi } }",
  });
  expect(told("BAL-P034", pool("50Gi"))).toEqual([
    "warning pool/all: postgres.storage is 50Gi, and quotas.disk of its environments add up to 60Gi",
  ]);
  expect(told("BAL-P034", pool("60Gi"))).toEqual([]);
});
