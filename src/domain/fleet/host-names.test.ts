import { expect, test } from "vitest";
import { environment, GOOD, instead, TENANT } from "../../../test/support/good-fleet.ts";

const own = (host: string) => environment(`production: { hosting: shared, pool: all, domain: ${host} }`);

test.each([
  "nordwind.localhost",
  "acme.nordwind.localhost",
  "a.b.c.nordwind.localhost",
  "staging.globex.nordwind.localhost",
  "xn--mller-kva.nordwind.localhost",
  "0.nordwind.localhost",
])("%s is below the fleet's domain, and its authority signs for it", (host) => {
  expect(own(host)).toEqual([]);
});

test.each(["acme.example", "localhost", "localhost.localdomain", "notnordwind.localhost", "nordwind.localhost.example"])(
  "%s is below another domain: in the one certificate of all it would close every tenant, so it is refused where it stands",
  (host) => {
    expect(own(host).map((one) => [one.code, one.at, one.severity])).toEqual([["BAL-F093", "fleet.yaml:25:69", "error"]]);
  },
);

test("a host name outside is refused with both remedies", () => {
  expect(own("acme.example")[0]?.hint).toBe(
    "declare a name below nordwind.localhost, or ingress.certificates.acme in the Fleet, by which each host has a certificate of its own",
  );
});

test("where each host has a certificate of its own by ACME, a tenant may bring its own domain", () => {
  const acme = "spec: { domain: nordwind.example.com, ingress: { certificates: { acme: { email: ops@acme.example } } } }";
  const whole = (fleet: string) =>
    instead(
      GOOD.join("---\n"),
      GOOD.join("---\n").replace("nordwind }", `nordwind }\n${fleet}`).replace("pool: all", "pool: all, domain: erp.acme-parts.com"),
    );
  expect(whole(acme)).toEqual([]);
  expect(whole("spec: { domain: nordwind.example.com }").map((one) => one.code)).toEqual(["BAL-F093"]);
});

test.each([
  ["ACME.nordwind.localhost", "write acme.nordwind.localhost"],
  ["acme.nordwind.localhost.", "write acme.nordwind.localhost"],
  ["müller.nordwind.localhost", "write xn--mller-kva.nordwind.localhost"],
  ["10.0.0.1", "its last label is a number, so it is read as an IP address"],
  ["'127.1'", "its last label is a number, so it is read as an IP address"],
  ["acme.0x7f", "its last label is a number, so it is read as an IP address"],
  [
    `${"a".repeat(64)}.nordwind.localhost`,
    "lower-case labels of at most 63 letters, digits and hyphens, joined by dots, 253 characters in all",
  ],
  ["'*.nordwind.localhost'", "lower-case labels of at most 63 letters, digits and hyphens, joined by dots, 253 characters in all"],
  ["acme_1.nordwind.localhost", "lower-case labels of at most 63 letters, digits and hyphens, joined by dots, 253 characters in all"],
])("%s is no DNS name that a browser asks for: %s", (host, hint) => {
  expect(own(host).map((one) => [one.code, one.hint])).toEqual([["BAL-F020", hint]]);
});

test("the domain of the fleet is judged like a host name", () => {
  const found = instead("name: nordwind }", "name: nordwind }\nspec: { domain: 192.168.0.7 }");
  expect(found.map((one) => [one.code, one.at])).toEqual([["BAL-F020", "fleet.yaml:4:17"]]);
});

test("of two environments with one host name the one is pointed at that declares it, in whatever order they stand", () => {
  const globex = TENANT.replace("name: acme", "name: globex");
  const taken = TENANT.replace("pool: all", "pool: all, domain: globex.nordwind.localhost");
  const found = instead(TENANT, `${taken}---\n${globex}`);
  expect(found.map((one) => `${one.at} ${one.code} ${one.message}`)).toEqual([
    "fleet.yaml:25:69 BAL-F040 acme/production: host name globex.nordwind.localhost is already that of globex/production",
  ]);
});
