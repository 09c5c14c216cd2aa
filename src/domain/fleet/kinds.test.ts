import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { explained, load, loaded, saidWith } from "../../../test/support/fleets.ts";
import type { Problem } from "../../kernel/problem.ts";
import { waiverFor } from "./waiver.ts";

const EVERYTHING = readFileSync(join(import.meta.dirname, "golden", "everything.yaml"), "utf8");
const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");
const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

/** What is wrong, beside what merely has no effect. */
const wrong = (problems: readonly Problem[]) => problems.filter((one) => one.severity === "error").map((one) => one.message);
const said = (kind: string, name: string, spec: string) => saidWith(HELLO, kind, name, spec);

test("a process of a built-in name adjusts it, another one is added, with what its criticality promises", () => {
  const { processes } = loaded(EVERYTHING).fleet;
  expect(processes.map((one) => one.name)).toEqual([
    "analytics",
    "customs-submission",
    "invoicing",
    "kitting",
    "label",
    "order-confirmation",
    "picking",
    "portal",
    "proof-of-delivery",
    "putaway",
    "receiving",
    "reports",
    "reservation",
    "shipment-booking",
  ]);
  expect(processes.filter((one) => ["kitting", "picking"].includes(one.name))).toEqual([
    {
      name: "kitting",
      criticality: "deferrable",
      models: [],
      routes: [],
      jobs: [],
      objective: { withinSeconds: 300, sharePercent: 95 },
      degraded: "pause",
      fallback: "none is declared",
    },
    {
      name: "picking",
      criticality: "core",
      models: ["stock.picking"],
      routes: ["/stock_barcode"],
      jobs: ["stock.ir_cron_scheduler_action"],
      objective: { withinSeconds: 2, sharePercent: 99.9 },
      degraded: "keep",
      fallback: "Paper",
    },
  ]);
  expect(said("Process", "kitting", "{ fallback: Paper }")).toEqual(["BAL-F019 criticality is missing: process kitting is not built in"]);
  expect(explained(loaded(HELLO), "process/picking")["criticality"]).toBe("core | default");
});

test("an integration is kept with its defaults, and a tenant refers to it by name", () => {
  const { integrations } = loaded(EVERYTHING).fleet;
  expect(integrations).toEqual([
    {
      name: "dhl",
      type: "carrier",
      url: "https://carrier.example/api",
      owner: { name: "Shipping", email: "shipping@acme.example" },
      zone: "Europe/Berlin",
      criticality: "core",
      timeoutSeconds: 5,
      retryBudgetPercent: 12.5,
      circuitBreaker: { failures: 3, openForSeconds: 60 },
      rate: { count: 600, perSeconds: 60 },
      onFailure: "manual",
      sandbox: "https://sandbox.carrier.example/api",
      inbound: ["/api/tracking", "/webhook/dhl"],
      credential: "dhl-api",
    },
    {
      name: "sendcloud",
      type: "other",
      url: "https://sendcloud.example",
      criticality: "important",
      timeoutSeconds: 10,
      retryBudgetPercent: 10,
      circuitBreaker: { failures: 5, openForSeconds: 30 },
      onFailure: "queue",
      inbound: [],
    },
  ]);
  const result = load(EVERYTHING.replace("integrations: [dhl,", "integrations: [dlh,"));
  expect(result.ok ? [] : wrong(result.problems)).toEqual([
    'integrations "dlh" is not declared; one of: dhl, sendcloud. Did you mean "dhl"?',
  ]);
});

test("explain shows an integration with the source of each value", () => {
  expect(explained(loaded(EVERYTHING), "integration/sendcloud")).toMatchObject({
    type: expect.stringMatching(/^other \| file \| fleet\.yaml:\d+:\d+$/),
    timeout: "10s | default",
    rate: "not limited | default",
    sandbox: "none | default",
  });
});

test.each([
  "http://carrier.example",
  "https://user:hunter2@carrier.example",
  "https://carrier.example/?key=hunter2",
  "ftp://hunter2",
  "hunter2 hunter2",
])("a URL such as %s is refused, and not repeated", (url) => {
  const words = said("Integration", "x", `{ type: edi, url: "${url}" }`);
  expect(words.map((one) => one.slice(0, 8))).toEqual(["BAL-F052"]);
  expect(words.join()).not.toContain("hunter2");
});

test.each(["/", "/web", "/web/login", "/webhook/*", "webhook", "/a/../web", "//web", "/jsonrpc", "/x?y=1", "/hook/"])(
  "the path %s cannot be opened to the outside",
  (path) => {
    const words = said("Integration", "x", `{ type: edi, url: "https://edi.example", inbound: ["${path}"] }`);
    expect(words.map((one) => one.slice(0, 8))).toEqual(["BAL-F053"]);
  },
);

test.each([
  "AKIAIOSFODNN7EXAMPLE",
  "ghp_16C7e42F292c6912E7",
  "d41d8cd98f00b204e9800998ecf8427e",
  "Tr0ub4dor&3Tr0",
  "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
])("%s is taken for a secret, and not repeated", (value) => {
  const [word = ""] = said("Integration", "x", `{ type: edi, url: "https://edi.example", credential: "${value}" }`);
  expect([word.slice(0, 8), word.includes(value)]).toEqual(["BAL-F054", false]);
});

test.each(["dhl-express-api", "dhl", "edi-partner-2024", "carrier-account-4711"])("%s is the name of a credential", (name) => {
  expect(said("Integration", "x", `{ type: edi, url: "https://edi.example", credential: ${name} }`)).toEqual([
    "BAL-B085 integration/x: credential has no effect in this version",
  ]);
});

test("a release is content-addressed, and an environment runs one of its own series", () => {
  const fleet = loaded(EVERYTHING);
  expect(fleet.fleet.releases).toEqual([
    {
      name: "v18-7",
      series: "18.0",
      image: DIGEST,
      addons: [{ name: "acme_wms", version: "18.0.1.2.0", digest: DIGEST }],
      provenance: { source: "https://git.example/acme/odoo", revision: "0123456789abcdef0123456789abcdef01234567", builder: "ci" },
    },
  ]);
  expect(fleet.fleet.tenants[0]?.environments.map((one) => one.release)).toEqual([undefined, "v18-7", undefined, undefined]);
  const missing = load(EVERYTHING.replace("release: v18-7", "release: v18-8"));
  expect(missing.ok ? [] : wrong(missing.problems)).toEqual(['release "v18-8" is not declared; one of: v18-7. Did you mean "v18-7"?']);
  const addon = `{ name: a, version: "1.0", digest: ${DIGEST} }`;
  expect(said("Release", "r", `{ series: "19.0", image: ${DIGEST}, addons: [${addon}, ${addon}] }`)).toEqual([
    'BAL-F017 name "a" is in the list twice',
  ]);
});

test("a waiver counts for its rule at its address until its last day, and then no more", () => {
  const { fleet } = loaded(EVERYTHING);
  const ask = (rule: string, address: string, today: string) => waiverFor(fleet, rule, address, today)?.name;
  expect(ask("BAL-P007", "acme/production", "2027-03-31")).toBe("one-replica");
  expect([
    ask("BAL-P007", "acme/production", "2027-04-01"),
    ask("BAL-P008", "acme/production", "2026-12-01"),
    ask("BAL-P007", "acme/production/odoo", "2026-12-01"),
    ask("BAL-P007", "acme", "2026-12-01"),
  ]).toEqual([undefined, undefined, undefined, undefined]);
  const [first] = fleet.waivers;
  const longer = { ...(first as NonNullable<typeof first>), name: "longer", expiresAt: "2028-01-01" };
  expect(waiverFor({ waivers: [...fleet.waivers, longer] }, "BAL-P007", "acme/production", "2026-12-01")?.name).toBe("longer");
});

test("the scope of a waiver is an address of the fleet, or a node of a stack", () => {
  const scoped = (scope: string) =>
    said(
      "Waiver",
      "w",
      `{ rule: BAL-P001, scope: ${scope}, reason: r, ticket: t, owner: a@a.example, secondSigner: b@a.example, expiresAt: 2027-01-01 }`,
    );
  const known = [
    "acme",
    "acme/production",
    "acme/production/odoo",
    "pool/everyone",
    "pool/everyone/postgres",
    "platform/here/ingress",
    "fleet",
  ];
  expect(known.flatMap(scoped)).toEqual([]);
  expect(scoped("acme/prodution")).toEqual([
    'BAL-F025 scope "acme/prodution" is not an address of this fleet. Did you mean "acme/production"?',
  ]);
  expect(scoped("acme/production/*").map((one) => one.slice(0, 8))).toEqual(["BAL-F025"]);
});

test("a waiver for something faulty adds no word to what is wrong with it", () => {
  const result = load(EVERYTHING.replace("tier: mission-critical", "tier: mission-critcal"));
  expect(result.ok ? [] : wrong(result.problems).map((one) => one.replace(/;.*/, ""))).toEqual(['tier "mission-critcal" is not declared']);
});

test("holidays of a country that is not known, or of a part that it has not, are refused with those that are", () => {
  const holidays = (of: string) =>
    said("Calendar", "c", `{ zone: Europe/Berlin, coveredUntil: 2028-12-31, holidays: ${of} }`).map((one) => one.split(", ")[0]);
  expect([holidays("{ country: MA }"), holidays("{ country: SG, subdivision: X }"), holidays("{ country: US, subdivision: NY }")]).toEqual([
    ['BAL-F038 country "MA" has no known holidays; one of: AT'],
    ['BAL-F038 subdivision "X" is not a subdivision of SG; none is known'],
    [],
  ]);
});
