import { expect, test } from "vitest";
import type { SpecOf } from "./kinds/specs.ts";
import type { AnyNode, Stack } from "./node.ts";
import { disturbedBy, rotated } from "./rotation.ts";

const secret = (id: string, purpose: "role-password" | "admin-password" | "superuser-password"): AnyNode => ({
  id,
  kind: "secret",
  spec: { purpose, bytes: 24, generation: 1 },
  uses: [],
  from: [],
});
const DATABASE: SpecOf["database"] = {
  name: "acme_production",
  role: "acme_production",
  connectionLimit: 8,
  series: "19.0",
  settings: {},
  reportUrl: "http://127.0.0.1:8069",
  baseUrl: "https://acme.test",
  neutralised: false,
  adminLogin: "admin",
};
const STACKS: readonly Stack[] = [
  {
    id: "platform/here",
    role: "platform",
    nodes: [
      { id: "platform/here/authority", kind: "authority", spec: { domain: "x.test", validDays: 1 }, uses: [], from: [] },
      { id: "platform/here/certificate", kind: "certificate", spec: { names: [], validDays: 1, generation: 1 }, uses: [], from: [] },
    ],
  },
  { id: "pool/everyone", role: "pool", nodes: [secret("pool/everyone/superuser-password", "superuser-password")] },
  {
    id: "acme/production",
    role: "environment",
    nodes: [
      secret("acme/production/role-password", "role-password"),
      secret("acme/production/admin-password", "admin-password"),
      {
        id: "acme/production/database",
        kind: "database",
        spec: DATABASE,
        uses: ["role-password", "admin-password"].map((name) => ({ to: `acme/production/${name}`, as: "credential" as const })),
        from: [],
      },
      {
        id: "acme/production/odoo",
        kind: "odoo",
        spec: {} as SpecOf["odoo"],
        uses: [
          { to: "acme/production/database", as: "data" },
          { to: "acme/production/role-password", as: "credential" },
        ],
        from: [],
      },
    ],
  },
];
const chosen = (desired: Parameters<typeof rotated>[1]) => {
  const result = rotated(STACKS, desired);
  return result.ok ? result.value : result.problems.map((problem) => `${problem.code} ${problem.at} ${problem.message}`);
};

test("without names everything is rotated that nobody need be told of", () => {
  expect(chosen({})).toEqual(["platform/here/certificate", "pool/everyone/superuser-password", "acme/production/role-password"]);
});

test("what people set, must trust or are signed out by is rotated by name", () => {
  expect(chosen({ only: ["admin-password", "authority"] })).toEqual(["platform/here/authority", "acme/production/admin-password"]);
  expect(chosen({ only: ["database-secret"] })).toEqual(["acme/production/database"]);
});

test("of the whole fleet the control plane's own secrets are named too", () => {
  expect(chosen({ only: ["nonsense"] })).toEqual([expect.stringMatching(/one of: .*\bapi-token, .*\bsealing-key\b/)]);
});

test("one stack alone", () => {
  expect(chosen({ stack: "acme/production" })).toEqual(["acme/production/role-password"]);
});

test("a stack or a name that is not there is refused, all of them at once, with what there is", () => {
  expect(chosen({ stack: "acme/staging" })).toEqual([
    "BAL-A007 acme/staging there is no stack of this name; one of: platform/here, pool/everyone, acme/production",
  ]);
  expect(chosen({ stack: "acme/production", only: ["certificate", "role-password", "pasword"] })).toEqual([
    "BAL-A007 acme/production nothing named certificate can be rotated there; one of: admin-password, database-secret, role-password",
    "BAL-A007 acme/production nothing named pasword can be rotated there; one of: admin-password, database-secret, role-password",
  ]);
});

test("a certificate disturbs nobody, a secret and what signs their sessions those who work there", () => {
  expect(disturbedBy(STACKS, ["platform/here/certificate"])).toEqual([]);
  expect(disturbedBy(STACKS, ["platform/here/certificate", "acme/production/role-password"])).toEqual(["acme/production"]);
  expect(disturbedBy(STACKS, ["acme/production/database"])).toEqual(["acme/production"]);
});

test("what is told to a running process or to the database disturbs nobody: the first administrator's password restarts nothing", () => {
  expect(disturbedBy(STACKS, ["acme/production/admin-password", "pool/everyone/superuser-password"])).toEqual([]);
});
