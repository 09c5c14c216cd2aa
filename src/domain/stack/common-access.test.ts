import { expect, test } from "vitest";
import { type CommonAccess, type CommonRequest, commonEdits } from "./common-access.ts";

const NOBODY: CommonAccess = { everybody: false, letIn: new Set(), named: new Set() };
const roles = new Set(["postgres", "ballast_pooler", "acme_production", "beta_production", "monitoring"]);
const ours = new Set(["acme_production", "beta_production"]);
const desired = (...needing: readonly string[]): CommonRequest => ({ roles, ours, needing: new Set(needing) });
const only = (...names: readonly string[]): CommonAccess => ({ everybody: false, letIn: new Set(names), named: new Set(names) });

test("a server that an older version made: whoever still needs the common database is let in by name, and everybody is shut out", () => {
  expect(commonEdits({ ...NOBODY, everybody: true }, desired("ballast_pooler", "acme_production"))).toEqual({
    letIn: ["acme_production", "ballast_pooler"],
    shutOut: [],
    shutEverybodyOut: true,
  });
});

test("a tenant whose Odoo meets in its own database is shut out, and one that is not there is not let in", () => {
  expect(
    commonEdits(only("ballast_pooler", "acme_production", "beta_production"), desired("ballast_pooler", "acme_production", "gone")),
  ).toEqual({
    letIn: [],
    shutOut: ["beta_production"],
    shutEverybodyOut: false,
  });
});

test("whoever has another right there than to connect is shut out of it, too", () => {
  expect(
    commonEdits({ ...only("ballast_pooler"), named: new Set(["ballast_pooler", "beta_production"]) }, desired("ballast_pooler")),
  ).toEqual({
    letIn: [],
    shutOut: ["beta_production"],
    shutEverybodyOut: false,
  });
});

test("what an operator granted to a role of their own stays, and where all is as it should be nothing is done", () => {
  expect(commonEdits(only("ballast_pooler", "monitoring"), desired("ballast_pooler"))).toEqual({
    letIn: [],
    shutOut: [],
    shutEverybodyOut: false,
  });
});
