import { expect, test } from "vitest";
import { judgeCertificate } from "./served-certificate.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const DAY_MS = 86_400_000;
const served = (days: number, issued = "a") => ({ fingerprint: "a", validTo: NOW + days * DAY_MS, issued });

test("a certificate that is the issued one and lasts a month is not mentioned", () => {
  expect(judgeCertificate(served(30), NOW)).toBeUndefined();
  expect(judgeCertificate({ fingerprint: "a", validTo: NOW + 90 * DAY_MS }, NOW)).toBeUndefined();
});

test("one that ends within a month is said, within a week it is severe, and after its end it is another fault", () => {
  const says = (words: string) => `the certificate that the ingress serves ${words}`;
  expect([29.9, 7, 6.9, 1.5, 0.5].map((days) => judgeCertificate(served(days), NOW))).toEqual([
    { code: "BAL-E010", says: says("ends in 29 days, on 2026-12-23"), severe: false },
    { code: "BAL-E010", says: says("ends in 7 days, on 2026-11-30"), severe: false },
    { code: "BAL-E010", says: says("ends in 6 days, on 2026-11-30"), severe: true },
    { code: "BAL-E010", says: says("ends in 1 day, on 2026-11-25"), severe: true },
    { code: "BAL-E010", says: says("ends in 0 days, on 2026-11-24"), severe: true },
  ]);
  expect(judgeCertificate(served(0), NOW)).toEqual({
    code: "BAL-E011",
    says: says("ended on 2026-11-23: browsers refuse it"),
    severe: true,
  });
});

test("another certificate than the issued one is a fault however long it lasts; that it ended counts for more", () => {
  expect(judgeCertificate(served(300, "b"), NOW)).toMatchObject({ code: "BAL-E012", severe: true });
  expect(judgeCertificate(served(-1, "b"), NOW)).toMatchObject({ code: "BAL-E011" });
});

test("a host whose certificate comes by ACME is judged by that: the ingress's own is a fault there, and renewal comes later", () => {
  const acme = { host: "acme.example.com", issuer: "CN=R11" };
  expect(judgeCertificate({ ...served(300), acme }, NOW)).toEqual({
    code: "BAL-E013",
    says: "acme.example.com is served with the fleet's own certificate: none has come by ACME yet, and browsers refuse it",
    severe: true,
  });
  expect([60, 29, 20].map((days) => judgeCertificate({ ...served(days, "b"), acme }, NOW))).toEqual([undefined, undefined, undefined]);
  expect(judgeCertificate({ ...served(19.5, "b"), acme }, NOW)).toEqual({
    code: "BAL-E010",
    says: "the certificate of acme.example.com, signed by CN=R11, ends in 19 days, on 2026-12-13",
    severe: false,
  });
  expect(judgeCertificate({ ...served(-1, "b"), acme }, NOW)).toMatchObject({ code: "BAL-E011", severe: true });
});
