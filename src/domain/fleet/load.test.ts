import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { load, loaded, told } from "../../../test/support/fleets.ts";
import { loadFleet } from "./load.ts";
import { PROCESS_NAMES } from "./processes.ts";
import { TIER_NAMES } from "./tiers.ts";

const TODAY = { today: "2026-11-22" };
const WALKTHROUGH = readFileSync(join(import.meta.dirname, "golden", "walkthrough.yaml"), "utf8");
const HELLO = readFileSync(join(import.meta.dirname, "../../../examples/hello/fleet.yaml"), "utf8");

test("several mistakes are told at once, each where it was written", () => {
  const text = WALKTHROUGH.replace("{ hosting: shared, pool: subsidiaries }", "{ hosting: shard, pool: subsidaries }")
    .replace('      series: "19.0"', '      series: "19.O"')
    .replace("protectBefore: 2h", "protectBefore: 0s")
    .replace("jurisdiction: DE", "jurisdiction: De")
    .replace("processes: 4", "proceses: 4")
    .replace("calendar: dispatch-berlin\n  residency", "calendr: dispatch-berlin\n  residency")
    .replace('series: "19.0" }', "series: 19.0 }");
  expect(told(load(text))).toEqual([
    "fleet.yaml:5:3 BAL-B085 warning fleet: operatingModel has no effect in this version",
    'fleet.yaml:13:17 BAL-F035 error jurisdiction "De" is not an ISO 3166 country code',
    "fleet.yaml:23:100 BAL-F030 error protectBefore 0s: must be more than nothing",
    "fleet.yaml:30:47 BAL-F021 error series 19 is a number; a series is a text",
    'fleet.yaml:39:28 BAL-F014 error hosting "shard" is unknown; one of: shared, isolated, dedicated. Did you mean "shared"?',
    'fleet.yaml:39:41 BAL-F025 error pool "subsidaries" is not declared; one of: subsidiaries. Did you mean "subsidiaries"?',
    "fleet.yaml:44:1 BAL-F010 error spec.calendar is missing",
    'fleet.yaml:46:3 BAL-F009 error field "calendr" is unknown in spec; one of: owner, calendar, residency, integrations, environments. Did you mean "calendar"?',
    'fleet.yaml:54:15 BAL-F021 error series "19.O" is not an Odoo series (that is a letter O); one of: 14.0 15.0 16.0 17.0 18.0 19.0',
    'fleet.yaml:55:23 BAL-F009 error field "proceses" is unknown in web; one of: processes, memory. Did you mean "processes"?',
    "fleet.yaml:61:77 BAL-B085 warning integration/dhl-express: timeout has no effect in this version",
    "fleet.yaml:61:90 BAL-B085 warning integration/dhl-express: retryBudget has no effect in this version",
    "fleet.yaml:61:108 BAL-B085 warning integration/dhl-express: onFailure has no effect in this version",
  ]);
  const series = load(text);
  expect(series.ok ? [] : series.problems.filter((one) => one.code === "BAL-F021").map((one) => one.hint)).toEqual([
    'write "19.0" in quotes',
    undefined,
  ]);
});

test("places and sources can be asked for one by one", () => {
  const fleet = loaded(WALKTHROUGH);
  const declared = fleet.addresses.filter((address) => fleet.placeOf(address) !== "built in");
  expect(fleet.addresses.filter((address) => !declared.includes(address)).sort()).toEqual(
    [...PROCESS_NAMES.map((name) => `process/${name}`), ...TIER_NAMES.map((name) => `tier/${name}`)].sort(),
  );
  expect(declared).toEqual([
    "calendar/dispatch-berlin",
    "central",
    "central/production",
    "central/staging",
    "fleet",
    "hamburg",
    "hamburg/production",
    "integration/dhl-express",
    "pool/subsidiaries",
    "region/here",
  ]);
  expect(declared.map((address) => fleet.placeOf(address))).toEqual([
    "fleet.yaml:17:19",
    "fleet.yaml:43:19",
    "fleet.yaml:50:5",
    "fleet.yaml:56:5",
    "fleet.yaml:3:19",
    "fleet.yaml:34:19",
    "fleet.yaml:39:5",
    "fleet.yaml:60:19",
    "fleet.yaml:29:19",
    "fleet.yaml:10:19",
  ]);
  expect([fleet.sourceOf("hamburg/production", "tier"), fleet.sourceOf("fleet", "images.source"), fleet.sourceOf("nobody", "x")]).toEqual([
    { kind: "pool", pool: "subsidiaries" },
    { kind: "default" },
    undefined,
  ]);
});

test("the hello example loads without a word, and stays short enough to be read in a minute", () => {
  expect(told(load(HELLO))).toEqual([]);
  expect(HELLO.split("\n").length).toBeLessThanOrEqual(35);
  expect(loaded(HELLO).fleet.tenants.flatMap((tenant) => tenant.environments.map((one) => one.host))).toEqual(["acme.hello.localhost"]);
});

test("neither the order of documents nor their spread over files changes what is loaded", () => {
  const documents = WALKTHROUGH.split("---\n");
  const expected = loaded(WALKTHROUGH).fleet;
  fc.assert(
    fc.property(fc.shuffledSubarray(documents, { minLength: documents.length }), fc.nat(documents.length), (shuffled, cut) => {
      const [first, second] = [shuffled.slice(0, cut), shuffled.slice(cut)].map((part) => part.join("---\n"));
      const files = [
        { path: "b.yaml", text: first ?? "" },
        { path: "a/c.yaml", text: second ?? "" },
      ];
      const [one, other] = [loadFleet(files, TODAY), loadFleet([...files].reverse(), TODAY)];
      expect(one.ok && one.value.fleet).toEqual(expected);
      expect(other.ok && other.value.fleet).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

test("the only region serves whoever names none; with two somebody must choose", () => {
  const second = `---\napiVersion: ballast.dev/v1alpha1\nkind: Region\nmetadata: { name: there }\nspec: { engine: { kubernetes: { context: prod-eu } }, jurisdiction: FR }\n`;
  const own = HELLO.replace("{ hosting: shared, pool: everyone }", "{ hosting: isolated }");
  expect(loaded(own).sourceOf("acme/production", "region")).toEqual({ kind: "default" });
  expect(told(load(own + second))).toEqual([
    "fleet.yaml:20:1 BAL-F025 error region is missing, and there is not exactly one; one of: here, there",
    "fleet.yaml:30:19 BAL-F025 error region is missing, and there is not exactly one; one of: here, there",
  ]);
});

test("a thousand tenants load, each with its own host", () => {
  const tenant = (index: number) => `---
apiVersion: ballast.dev/v1alpha1
kind: Tenant
metadata: { name: branch-${index} }
spec:
  owner: { name: Branch ${index}, email: ops@branch-${index}.example }
  calendar: office
  environments: { production: { hosting: shared, pool: everyone }, staging: { hosting: shared, pool: everyone, copyOf: production } }
`;
  const { fleet } = loaded(HELLO + Array.from({ length: 1000 }, (_, index) => tenant(index)).join(""));
  expect(new Set(fleet.tenants.flatMap((one) => one.environments.map((environment) => environment.host))).size).toBe(2001);
});

test.each(["../fleet.yaml", "a/../../b.yaml", "/etc/fleet.yaml", "./fleet.yaml", "a//b.yaml", "a\\b.yaml", ""])(
  "a file named %j is refused, whatever is in it",
  (path) => {
    const result = loadFleet([{ path, text: HELLO }], TODAY);
    expect(result.ok ? [] : result.problems.map((one) => one.code)).toContain("BAL-F058");
  },
);

test.each([
  ["a bomb of aliases", `a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n`, "BAL-F003"],
  ["a merge of mappings", `a: &a { x: 1 }\nb: { <<: *a }\n`, "BAL-F003"],
  ["a key written twice", "kind: Fleet\nkind: Fleet\n", "BAL-F002"],
])("%s is refused at its place", (_, text, code) => {
  const result = load(HELLO, text);
  const found = result.ok ? [] : result.problems.filter((one) => one.code === code);
  expect(found.length).toBeGreaterThan(0);
  expect(found.every((one) => /^fleet-1\.yaml:[123]:\d+$/.test(one.at) && one.hint !== undefined)).toBe(true);
});

test("copies of each other are refused however long the circle is", () => {
  const circle =
    "{ production: { hosting: shared, pool: everyone, copyOf: recovery }, staging: { hosting: shared, pool: everyone, copyOf: production }, recovery: { hosting: shared, pool: everyone, copyOf: staging } }";
  const result = load(HELLO.replace("{ production: { hosting: shared, pool: everyone } }", circle));
  expect(told(result).map((one) => one.replace(/^\S+ /, ""))).toEqual([
    "BAL-F043 error copyOf goes in a circle: production → recovery → staging → production",
    "BAL-F043 error copyOf goes in a circle: staging → production → recovery → staging",
    "BAL-F043 error copyOf goes in a circle: recovery → staging → production → recovery",
  ]);
});
