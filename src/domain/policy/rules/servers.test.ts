import { expect, test } from "vitest";
import { OWNER, type Parts, told } from "../../../../test/support/policy.ts";

const isolated = (fields: string): Parts => ({ environments: `production: { hosting: isolated, ${fields} }` });
const shared = (fields: string): Parts => ({ environments: `production: { hosting: shared, pool: all, ${fields} }` });
const tenant = (name: string) =>
  ["Tenant", name, `${OWNER}, calendar: office, environments: { production: { hosting: shared, pool: all } }`] as const;

test("one synchronous replica is a warning, of an environment and of a pool", () => {
  const words = "one synchronous replica means that losing it stops writes; tier mission-critical accepts that, two replicas would not";
  expect(told("BAL-P007", isolated("tier: mission-critical"))).toEqual([`warning acme/production: ${words}`]);
  expect(told("BAL-P007", { pool: "tier: mission-critical" })).toEqual([`warning pool/all: ${words}`]);
  expect(told("BAL-P007", isolated("tier: mission-critical, postgres: { replica: asynchronous }"))).toEqual([]);
});

test("tenants whose connections do not fit into their pool together are told with both sums", () => {
  const more = [tenant("beta"), tenant("gamma")];
  expect(told("BAL-P008", { more })).toEqual([
    "note pool/all: its 3 environments may open 111 connections together, and its PostgreSQL gives 87 (100 less 13 kept back)",
  ]);
  expect(told("BAL-P008", { more: [tenant("beta")] })).toEqual([]);
});

test("limits beyond the machine's memory are a warning, and nothing is said of a machine that nobody looked at", () => {
  expect(told("BAL-P009", {}, { machineMemoryBytes: 2048 * 1024 ** 2 })).toEqual([
    "warning region/here: its containers may use 2240 MiB together, and the machine has 2048 MiB",
  ]);
  expect(told("BAL-P009", {}, { machineMemoryBytes: 2240 * 1024 ** 2 })).toEqual([]);
  expect(told("BAL-P009", {})).toEqual([]);
});

test("more web processes than the pooler gives connections are a warning", () => {
  expect(told("BAL-P010", shared("sizes: { web: { processes: 30 } }"))).toEqual([
    "warning acme/production: sizes.web.processes is 30, and the pooler gives one tenant 29 connections (of max_connections 100)",
  ]);
  expect(told("BAL-P010", shared("sizes: { web: { processes: 29 } }"))).toEqual([]);
});

test("prefork web processes without a process for reports are refused", () => {
  expect(told("BAL-P011", shared("sizes: { web: { processes: 4 } }"))).toEqual([
    "error acme/production: sizes.report.processes is 0 beside 4 web processes: 4 reports at once stop everybody",
  ]);
  expect(told("BAL-P011", shared("sizes: { web: { processes: 4 }, report: { processes: 1 } }"))).toEqual([]);
  expect(told("BAL-P011", shared("tier: development, sizes: { web: { processes: 4 } }"))).toEqual([]);
  expect(told("BAL-P011", {})).toEqual([]);
});

test("an image that can change under its name is refused, each node by its name", () => {
  const images = told("BAL-P012", {}, { image: "registry.example/odoo:19" });
  expect(images).toContain("error acme/production/odoo: it uses registry.example/odoo:19, an image without a digest");
  expect(images.length).toBe(5);
  expect(told("BAL-P012", {}, { image: `registry.example/odoo@sha256:${"a".repeat(64)}` })).toEqual([]);
  expect(told("BAL-P012", {}, { image: "ballast/odoo-19:0123456789ab" })).toEqual([]);
});

test("no loss at all is promised only with a synchronous replica", () => {
  expect(told("BAL-P023", isolated("tier: mission-critical, postgres: { replica: asynchronous }"))).toEqual([
    "warning acme/production: tier mission-critical promises that 0 s of data are lost with a node, and its PostgreSQL has replica asynchronous",
  ]);
  expect(told("BAL-P023", isolated("tier: mission-critical"))).toEqual([]);
  expect(told("BAL-P023", isolated("tier: business"))).toEqual([]);
});

test("a replica on the machine of its server is told for what it is", () => {
  expect(told("BAL-P024", isolated("tier: business"))).toEqual([
    "note acme/production/postgres-replica: runs on the machine of the server that it follows: 1 machine lost is 2 servers lost",
  ]);
  expect(told("BAL-P024", isolated("tier: standard"))).toEqual([]);
});

test("backups that are kept for less than two cycles are refused", () => {
  const tier = (keep: string): Parts => ({ more: [["Tier", "standard", `backup: { fullEvery: 7d, keep: ${keep} }`]] });
  expect(told("BAL-P036", tier("10d"))).toEqual([
    "error tier/standard: backup.keep is 10d with a full backup every 7d; at least 14d is expected",
  ]);
  expect(told("BAL-P036", tier("14d"))).toEqual([]);
});
