import { expect, test } from "vitest";
import { fleetText, OWNER, type Parts, told } from "../../../../test/support/policy.ts";
import { loadFleet } from "../../fleet/load.ts";
import type { PolicyRule } from "../rule.ts";
import { memoryUnknown } from "./memory-unknown.ts";
import { productionRegion } from "./production-region.ts";
import { seriesInProduction } from "./series-in-production.ts";
import { seriesSupported } from "./series-supported.ts";
import { standbyRegion } from "./standby-region.ts";

/** For what the language allows and no engine of this version can compile. */
function toldUncompiled(rule: PolicyRule, parts: Parts): readonly string[] {
  const loaded = loadFleet([{ path: "fleet.yaml", text: fleetText(parts) }], { today: "2026-11-22" });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const stacks = new Map([["platform/here", { id: "platform/here", role: "platform", nodes: [] } as const]]);
  return rule.check({ loaded: loaded.value, stacks, today: "2026-11-22" }).map(({ address, message }) => `${address}: ${message}`);
}

const two = (production: string): Parts => ({ environments: `production: { ${production} }, staging: { hosting: shared, pool: all }` });

test("a series that Odoo no longer corrects is a warning of the pool, or of an environment with its own", () => {
  expect(toldUncompiled(seriesSupported, { pool: 'series: "16.0"' })).toEqual([
    "pool/all: Odoo 16.0 gets no corrections any more; supported are 17.0, 18.0, 19.0",
  ]);
  expect(toldUncompiled(seriesSupported, { environments: 'production: { hosting: isolated, series: "14.0" }' })).toEqual([
    "acme/production: Odoo 14.0 gets no corrections any more; supported are 17.0, 18.0, 19.0",
  ]);
  expect(toldUncompiled(seriesSupported, { pool: 'series: "17.0"' })).toEqual([]);
});

test("a series with known holes is a warning in production alone", () => {
  const of = (name: string, series: string): Parts => ({ environments: `${name}: { hosting: isolated, series: "${series}" }` });
  expect(toldUncompiled(seriesInProduction, of("production", "14.0"))).toEqual([
    "acme/production: production on Odoo 14.0, whose sign-in ignores the filter by host; 16.0 and later obey it",
  ]);
  expect(toldUncompiled(seriesInProduction, of("staging", "14.0"))).toEqual([]);
  expect(toldUncompiled(seriesInProduction, of("production", "16.0"))).toEqual([]);
});

test("production of the lowest class of service is a warning", () => {
  expect(told("BAL-P015", { environments: "production: { hosting: isolated, tier: development }" })).toEqual([
    "warning acme/production: production on tier development, of priority 100, which may lose 24 h of data; standard has 500",
  ]);
  expect(told("BAL-P015", { environments: "staging: { hosting: isolated, tier: development }" })).toEqual([]);
});

test("a staging that shares production's pool is a warning", () => {
  expect(told("BAL-P016", two("hosting: shared, pool: all"))).toEqual([
    "warning acme/staging: shares pool all with acme/production; a rehearsal there is felt by production",
  ]);
  expect(told("BAL-P016", two("hosting: isolated"))).toEqual([]);
});

test("a production that is declared as a copy is refused, since nothing would neutralise it", () => {
  expect(told("BAL-P017", two("hosting: shared, pool: all, copyOf: staging"))).toEqual([
    "error acme/production: is a copy of staging and would not be neutralised: only production sends mails and calls carriers",
  ]);
  expect(
    told("BAL-P017", { environments: "production: { hosting: isolated }, staging: { hosting: isolated, copyOf: production }" }),
  ).toEqual([]);
});

test("a warm standby without a region to stand in is a note, and residency counts", () => {
  const parts = (tenant: string, jurisdiction: string): Parts => ({
    tenant,
    environments: "production: { hosting: isolated, region: here, tier: mission-critical }",
    pool: "region: here",
    more: [["Region", "there", `engine: { docker: {} }, jurisdiction: ${jurisdiction}, role: warm-standby`]],
  });
  const message = "acme/production: tier mission-critical promises a warm standby within 30 min, and 0 other regions may hold its data";
  expect(toldUncompiled(standbyRegion, parts("residency: [DE]", "NL"))).toEqual([message]);
  expect(toldUncompiled(standbyRegion, parts("residency: [DE, NL]", "NL"))).toEqual([]);
  expect(toldUncompiled(standbyRegion, parts("", "NL"))).toEqual([]);
  expect(told("BAL-P022", { environments: "production: { hosting: isolated, tier: mission-critical }" })).toEqual([`note ${message}`]);
});

test("a pool of a lower class than its environment is a warning", () => {
  expect(told("BAL-P031", { environments: "production: { hosting: shared, pool: all, tier: business }" })).toEqual([
    "warning acme/production: tier business (priority 800) on pool all of tier standard (priority 500)",
  ]);
  expect(told("BAL-P031", { pool: "tier: business", environments: "production: { hosting: shared, pool: all, tier: business }" })).toEqual(
    [],
  );
});

test("the highest class on a server with neighbours is a warning", () => {
  const alone: Parts = { pool: "tier: mission-critical" };
  const beta = [
    "Tenant",
    "beta",
    `${OWNER}, calendar: office, environments: { production: { hosting: shared, pool: all, tier: standard } }`,
  ] as const;
  expect(told("BAL-P032", { ...alone, more: [beta] })).toEqual([
    "warning acme/production: tier mission-critical shares the PostgreSQL of pool all with 1 other environments",
  ]);
  expect(told("BAL-P032", alone)).toEqual([]);
});

test("an ingress that listens to others under names that only this machine finds is a warning", () => {
  const listen = 'ingress: { listen: "10.1.2.3:443" }';
  expect(told("BAL-P033", { fleet: listen })).toEqual([
    "warning fleet: the ingress listens on 10.1.2.3, and names below nordwind.localhost are found on this machine only",
  ]);
  expect(told("BAL-P033", { fleet: `${listen}, domain: erp.example` })).toEqual([]);
  expect(told("BAL-P033", { fleet: 'ingress: { listen: "127.0.0.1:443" }' })).toEqual([]);
});

test("production in a region that is kept for others is a warning", () => {
  const region = (role: string): Parts => ({ region: `engine: { docker: {} }, jurisdiction: DE, role: ${role}` });
  expect(toldUncompiled(productionRegion, region("warm-standby"))).toEqual([
    "acme/production: production in region here, whose role is warm-standby; active is expected",
  ]);
  expect(toldUncompiled(productionRegion, region("active"))).toEqual([]);
  expect(told("BAL-P035", region("active"))).toEqual([]);
});

test("a cluster whose memory nobody looked at is a note", () => {
  const region = "engine: { kubernetes: { context: prod } }, jurisdiction: DE";
  expect(toldUncompiled(memoryUnknown, { region })).toEqual([
    "region/here: the memory of its nodes is not known here, so the sizes declared for it were not compared with it",
  ]);
  expect(told("BAL-P039", {})).toEqual([]);
});
