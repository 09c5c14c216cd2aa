import { expect, test } from "vitest";
import { OWNER, type Parts, told } from "../../../../test/support/policy.ts";

const integration = (fields: string, parts: Parts = {}): Parts => ({
  tenant: "integrations: [dhl]",
  ...parts,
  more: [...(parts.more ?? []), ["Integration", "dhl", `type: carrier, url: "https://carrier.example/api", ${fields}`]],
});

test("what the business hangs on and simply refuses is a warning", () => {
  expect(told("BAL-P025", integration("criticality: core, onFailure: reject"))).toEqual([
    "warning integration/dhl: criticality core with onFailure reject: each of its failures stops the work that needs it",
  ]);
  expect(told("BAL-P025", integration("criticality: core, onFailure: queue"))).toEqual([]);
  expect(told("BAL-P025", integration("criticality: deferrable, onFailure: reject"))).toEqual([]);
});

test("a call that may outlast the request that makes it is refused", () => {
  expect(told("BAL-P026", integration("timeout: 2m"))).toEqual([
    "error integration/dhl: timeout is 120 s, and Odoo ends a request after 120 s",
  ]);
  expect(told("BAL-P026", integration("timeout: 119s"))).toEqual([]);
});

test("a retry budget beyond a fifth of the calls is a warning", () => {
  expect(told("BAL-P027", integration("retryBudget: 50%"))).toEqual([
    "warning integration/dhl: retryBudget is 50%, and at most 20% are expected",
  ]);
  expect(told("BAL-P027", integration("retryBudget: 20%"))).toEqual([]);
});

test("a circuit breaker that opens only after minutes is a warning", () => {
  expect(told("BAL-P028", integration("timeout: 30s, circuitBreaker: { failures: 10 }"))).toEqual([
    "warning integration/dhl: it opens after 10 failures of 30 s, so after 300 s; at most 120 s are expected",
  ]);
  expect(told("BAL-P028", integration("timeout: 30s, circuitBreaker: { failures: 4 }"))).toEqual([]);
});

test("integrations of a production without processes of their own are a warning", () => {
  expect(told("BAL-P029", integration("timeout: 5s"))).toEqual([
    "warning acme/production: it has 1 integrations (dhl) and 0 integration processes",
  ]);
  const own = { environments: "production: { hosting: isolated, tier: business }" };
  expect(told("BAL-P029", integration("timeout: 5s", own))).toEqual([]);
});

test("an integration without a sandbox is a note where somebody has a staging", () => {
  const staging = { environments: "production: { hosting: shared, pool: all }, staging: { hosting: isolated }" };
  expect(told("BAL-P030", integration("timeout: 5s", staging))).toEqual([
    "note integration/dhl: it has no sandbox, and acme/staging cannot rehearse it",
  ]);
  expect(told("BAL-P030", integration('sandbox: "https://sandbox.example"', staging))).toEqual([]);
  expect(told("BAL-P030", integration("timeout: 5s"))).toEqual([]);
});

test("a credential that several tenants use is a note", () => {
  const spec = `${OWNER}, calendar: office, integrations: [dhl], environments: { production: { hosting: shared, pool: all } }`;
  expect(told("BAL-P037", integration("credential: dhl-account", { more: [["Tenant", "beta", spec]] }))).toEqual([
    "note integration/dhl: credential dhl-account is used by 2 tenants (acme, beta); 1 is expected",
  ]);
  expect(told("BAL-P037", integration("credential: dhl-account"))).toEqual([]);
});
