import { expect, test } from "vitest";
import {
  byAcme,
  calendar,
  environment,
  FLEET,
  GOOD,
  INTEGRATION,
  instead,
  more,
  POOL,
  pathProblems,
  problemsOf,
  RELEASE,
  TENANT,
  WAIVER,
} from "../../../test/support/good-fleet.ts";
import { HOST_MISTAKES } from "../../../test/support/host-mistakes.ts";
import { RENAME_MISTAKES } from "../../../test/support/rename-mistakes.ts";
import type { Problem } from "../../kernel/problem.ts";
import { FLEET_CODES, type FleetCode } from "./codes.ts";
import { explain } from "./explain.ts";
import { loadFleet } from "./load.ts";

/** One mistake for each code, and all that is said about it. */
const MISTAKES: Readonly<Record<FleetCode, { readonly problems: () => readonly Problem[]; readonly say: readonly string[] }>> = {
  ...HOST_MISTAKES,
  ...RENAME_MISTAKES,
  "BAL-F001": {
    problems: () => instead("  calendar: office", "\tcalendar: office"),
    say: ["24:1 not YAML: Tabs are not allowed as indentation"],
  },
  "BAL-F002": {
    problems: () => instead("spec: { zone: Europe/Berlin", "spec: { zone: UTC, zone: Europe/Berlin"),
    say: ["13:20 zone is written twice in one mapping"],
  },
  "BAL-F003": { problems: () => instead("spec: { engine", "spec: &shared { engine"), say: ["8:15 anchor &shared is not used"] },
  "BAL-F004": { problems: () => problemsOf(`a: ${"[".repeat(200)}`), say: ["1:1 the file is nested more than 64 levels deep"] },
  "BAL-F082": { problems: () => instead("Europe/Berlin", "Eur\u202eope"), say: ["13:18 the character U+202E is not text: nobody sees it"] },
  "BAL-F083": {
    problems: () => problemsOf("---\n".repeat(50_001)),
    say: ["1:1 the fleet has 50002 documents; at most 50000 are read"],
  },
  "BAL-F084": {
    problems: () => problemsOf(...GOOD, "- x\n---\n".repeat(600)).slice(-1),
    say: ["1027:1 100 more problems are not listed, 100 of them errors"],
  },
  "BAL-F005": {
    problems: () => problemsOf(...GOOD, "- Fleet\n"),
    say: ["27:1 a document must be a mapping that starts with apiVersion and kind"],
  },
  "BAL-F006": {
    problems: () => problemsOf(...GOOD.slice(0, 4), TENANT.replace("v1alpha1", "v2")),
    say: ['19:13 apiVersion "ballast.dev/v2" is unknown; it must be ballast.dev/v1alpha1'],
  },
  "BAL-F007": {
    problems: () => instead("kind: Pool", "kind: Pol"),
    say: [
      '16:7 kind "Pol" is unknown; one of: Fleet, Region, Tier, Calendar, Pool, Tenant, Process, Integration, Release, Waiver. Did you mean "Pool"?',
      '25:56 pool "all" is not declared; no Pool is declared',
    ],
  },
  "BAL-F009": {
    problems: () => environment("production: { hosting: shared, pol: all, pool: all }"),
    say: [
      '25:50 field "pol" is unknown in production; one of: hosting, pool, region, tier, series, release, domain, sizes, quotas, postgres, modules, suspended, copyOf. Did you mean "pool"?',
    ],
  },
  "BAL-F010": { problems: () => instead(", email: ops@acme.example", ""), say: ["23:3 spec.owner.email is missing"] },
  "BAL-F011": {
    problems: () => environment('production: { hosting: shared, pool: all, sizes: { web: { processes: "4" } } }'),
    say: ['25:88 processes "4" is not a number'],
  },
  "BAL-F012": { problems: () => instead("{ name: acme }", "{ name: Acme_GmbH }"), say: ['21:19 name "Acme_GmbH" is an invalid name'] },
  "BAL-F013": {
    problems: () => instead("{ name: acme }", "{ name: platform }"),
    say: ['21:19 name "platform" is reserved; so are: fleet, region, calendar, pool, tier, process, integration, release, waiver'],
  },
  "BAL-F014": {
    problems: () => environment("production: { hosting: shard, pool: all }"),
    say: ['25:42 hosting "shard" is unknown; one of: shared, isolated, dedicated. Did you mean "shared"?'],
  },
  "BAL-F015": { problems: () => instead("ops@acme.example", "ops"), say: ['23:37 email "ops" is not an e-mail address'] },
  "BAL-F016": {
    problems: () => environment("production: { hosting: shared, pool: all, sizes: { web: { processes: 0 } } }"),
    say: ["25:88 processes 0: must be at least 1"],
  },
  "BAL-F017": {
    problems: () => calendar('maintenance: [{ days: [sun, sun], from: "02:00", to: "05:00" }]'),
    say: ['13:84 days[1] "sun" is in the list twice'],
  },
  "BAL-F018": {
    problems: () => instead("{ docker: {} }", "{ docker: {}, kubernetes: { context: prod } }"),
    say: ["8:17 engine names two engines; exactly one of: docker, kubernetes"],
  },
  "BAL-F019": {
    problems: () => environment("production: { hosting: shared, region: here }"),
    say: ["25:19 pool is missing: hosting shared needs a pool", "25:58 region is not allowed with hosting shared"],
  },
  "BAL-F020": {
    problems: () => instead("name: nordwind }", "name: nordwind }\nspec: { domain: Nordwind.example. }"),
    say: ['4:17 domain "Nordwind.example." is not a DNS name'],
  },
  "BAL-F021": {
    problems: () => instead("name: all }", 'name: all }\nspec: { series: "19.O" }'),
    say: ['18:17 series "19.O" is not an Odoo series (that is a letter O); one of: 14.0 15.0 16.0 17.0 18.0 19.0'],
  },
  "BAL-F022": { problems: () => problemsOf(...GOOD.slice(1)), say: ["1:1 no document of kind Fleet"] },
  "BAL-F023": {
    problems: () => problemsOf(...GOOD, FLEET.replace("nordwind", "other")),
    say: ["29:19 Fleet other is one too many: nordwind at fleet.yaml:3:19 is the Fleet"],
  },
  "BAL-F024": { problems: () => problemsOf(...GOOD, POOL), say: ["29:19 Pool all is declared twice; first at fleet.yaml:17:19"] },
  "BAL-F025": {
    problems: () => instead("calendar: office", "calendar: offce"),
    say: ['24:13 calendar "offce" is not declared; one of: office. Did you mean "office"?'],
  },
  "BAL-F027": {
    problems: () => environment('production: { hosting: shared, pool: all, series: "18.0" }'),
    say: ["25:69 acme/production: series 18.0 cannot be made from the template of pool all, which is 19.0"],
  },
  "BAL-F030": {
    problems: () => calendar('cutoffs: [{ name: c, days: [sun], at: "02:00", protectBefore: 0s }]'),
    say: ["13:118 protectBefore 0s: must be more than nothing"],
  },
  "BAL-F031": {
    problems: () => instead("name: all }", "name: all }\nspec: { postgres: { memory: 2GB } }"),
    say: ['18:29 memory "2GB" is not a size'],
  },
  "BAL-F032": {
    problems: () => calendar('maintenance: [{ days: [sun], from: "2:00", to: "05:00" }]'),
    say: ['13:91 from "2:00" is not a time of day'],
  },
  "BAL-F033": { problems: () => instead("2028-12-31", "2028-02-30"), say: ['13:44 coveredUntil "2028-02-30" is not a date'] },
  "BAL-F034": { problems: () => instead("Europe/Berlin", "CET"), say: ['13:15 zone "CET" is an abbreviation, not a time zone'] },
  "BAL-F035": {
    problems: () => instead("jurisdiction: DE", "jurisdiction: UK"),
    say: ['8:47 jurisdiction "UK" is not an ISO 3166 country code'],
  },
  "BAL-F036": {
    problems: () => instead("2028-12-31", "2026-11-21"),
    say: ["13:44 coveredUntil 2026-11-21 is past: calendar office admits no disruptive change any more"],
  },
  "BAL-F037": {
    problems: () => calendar('maintenance: [{ days: [sun], from: "02:00", to: "02:00" }]'),
    say: ['13:104 to "02:00" is also the start; write 00:00 to 24:00 for a whole day'],
  },
  "BAL-F038": {
    problems: () => calendar("holidays: { country: DE, subdivision: XX }"),
    say: ['13:94 subdivision "XX" is not a subdivision of DE; one of: BB, BE, BW, BY, HB, HE, HH, MV, NI, NW, RP, SH, SL, SN, ST, TH'],
  },
  "BAL-F039": {
    problems: () => instead("coveredUntil: 2028-12-31", "coveredUntil: 2036-06-30, holidays: { country: DE }"),
    say: ["13:44 coveredUntil 2036-06-30: holidays are known to the end of 2035; after it calendar office has none"],
  },
  "BAL-F042": {
    problems: () => instead("  calendar: office", "  residency: [AT, CH]\n  calendar: office"),
    say: ["26:56 acme/production would run in region here (through pool all) under the law of DE; its residency allows: AT, CH"],
  },
  "BAL-F043": {
    problems: () => environment("production: { hosting: shared, pool: all, copyOf: production }"),
    say: ["25:69 copyOf goes in a circle: production → production"],
  },
  "BAL-F044": {
    problems: () => instead("name: nordwind }", 'name: nordwind }\nspec: { ingress: { listen: "0.0.0.0:443" } }'),
    say: ["4:28 ingress.listen 0.0.0.0 is reachable from other machines"],
  },
  "BAL-F045": {
    problems: () => instead("name: nordwind }", 'name: nordwind }\nspec: { ingress: { listen: "localhost:8443" } }'),
    say: ['4:28 listen "localhost:8443" is not an address to listen on'],
  },
  "BAL-F046": {
    problems: () => instead("name: nordwind }", "name: nordwind }\nspec: { images: { source: packages, odoo: odoo:19 } }"),
    say: ["4:43 odoo has no meaning with source packages", '4:43 odoo "odoo:19" is not an image pinned by digest'],
  },
  "BAL-F047": {
    problems: () => instead("docker: {}", "docker: { subnets: 10.213.7.0/16 }"),
    say: ['8:38 subnets "10.213.7.0/16" does not start a /16 network'],
  },
  "BAL-F048": {
    problems: () => problemsOf(...GOOD.slice(0, 4), TENANT.replace("pool: all }", "pool: all, release: r1 }"), RELEASE),
    say: [
      "25:61 acme/production: release has no effect in this version",
      "25:70 acme/production: release r1 is of series 18.0, the environment of 19.0",
      "30:25 release/r1: image has no effect in this version",
    ],
  },
  "BAL-F049": {
    problems: () => more(INTEGRATION, "spec: {", "spec: { retryBudget: 101%,"),
    say: ["30:22 retryBudget 101%: must be from 0% to 100%"],
  },
  "BAL-F050": {
    problems: () => {
      const loaded = loadFleet([{ path: "fleet.yaml", text: GOOD.join("---\n") }], { today: "2026-11-22" });
      const explained = loaded.ok ? explain(loaded.value, "acme/prodution") : loaded;
      return explained.ok ? [] : explained.problems;
    },
    say: ['acme/prodution nothing has the address "acme/prodution". Did you mean "acme/production"?'],
  },
  "BAL-F051": { problems: () => more(INTEGRATION, "spec: {", "spec: { rate: 0/s,"), say: ['30:15 rate "0/s" is not a rate'] },
  "BAL-F052": {
    problems: () => more(INTEGRATION, "https://carrier", "https://me:hunter2@carrier"),
    say: ["30:29 url has a user name or password in it"],
  },
  "BAL-F053": {
    problems: () => more(INTEGRATION, "spec: {", "spec: { inbound: [/web/database/manager],"),
    say: ['30:19 inbound[0] "/web/database/manager" is Odoo\'s own: nothing at or below /web can be opened'],
  },
  "BAL-F054": {
    problems: () => more(INTEGRATION, "spec: {", "spec: { credential: sk_live_51H8xPq,"),
    say: ["30:21 credential looks like a secret; secrets are never part of a fleet"],
  },
  "BAL-F055": { problems: () => more(RELEASE, "sha256:", "sha512:"), say: [`30:32 image "sha512:${"0".repeat(49)}…" is not a digest`] },
  "BAL-F056": {
    problems: () => more(WAIVER, "b@acme.example", "A@acme.example"),
    say: ['30:120 secondSigner "A@acme.example" is the owner too'],
  },
  "BAL-F057": {
    problems: () => more(WAIVER, "2026-12-31", "2026-11-21"),
    say: ["30:147 expiresAt 2026-11-21 is past: waiver w has no effect any more, BAL-P007 counts again for acme/production"],
  },
  "BAL-F058": {
    problems: () => pathProblems("../fleet.yaml"),
    say: ['../1:1 the path "../fleet.yaml" leads out of the fleet\'s folder, or is not written plainly'],
  },
  "BAL-F059": {
    problems: () => {
      const tenant = TENANT.replace("  calendar", "  integrations: [dhl, ups]\n  calendar");
      const dhl = INTEGRATION.replace("type:", "inbound: [/webhook], type:");
      return problemsOf(...GOOD.slice(0, 4), tenant, dhl, dhl.replace("name: dhl", "name: ups"));
    },
    say: ["24:23 acme: integrations dhl and ups both receive at /webhook"],
  },
  "BAL-F060": {
    problems: () => byAcme('{ email: ops@acme.example, roots: "-----BEGIN CERTIFICATE-----" }'),
    say: ["4:76 roots is not a list of certificates in PEM, and nothing else"],
  },
};

test("the fleet that the mistakes are made in has none itself", () => {
  expect(problemsOf(...GOOD)).toEqual([]);
});

test.each(FLEET_CODES)("$code: $title", ({ code }) => {
  const { problems, say } = MISTAKES[code];
  const found = problems();
  expect(found.map((one) => `${one.at.replace("fleet.yaml:", "")} ${one.message}`)).toEqual(say);
  expect(found.map((one) => one.code)).toContain(code);
});

test("codes are in order and none is there twice", () => {
  const codes = FLEET_CODES.map((one) => one.code);
  expect(codes).toEqual([...new Set(codes)].sort());
});
