import { expect, test } from "vitest";
import { OWNER, type Parts, told } from "../../../../test/support/policy.ts";

const ZONE = "zone: Europe/Berlin, coveredUntil: 2028-12-31";
const windows = (day: string) => `maintenance: [{ days: [${day}], from: "02:00", to: "05:00" }]`;
const calendar = (fields: string): Parts => ({ calendar: `${ZONE}, ${fields}` });

test("a production whose calendar has no window is a warning, since its changes would be held for ever", () => {
  expect(told("BAL-P018", calendar("maintenance: []"))).toEqual([
    "warning acme/production: calendar office has 0 maintenance windows: changes that close it are held for ever",
  ]);
  expect(told("BAL-P018", {})).toEqual([]);
});

test("a calendar that ends in less than 90 days is a warning", () => {
  const until = (date: string): Parts => ({ calendar: `zone: Europe/Berlin, coveredUntil: ${date}, ${windows("sun")}` });
  expect(told("BAL-P019", until("2027-02-19"))).toEqual([
    "warning calendar/office: coveredUntil 2027-02-19 is 89 days ahead; 90 are expected",
  ]);
  expect(told("BAL-P019", until("2027-02-20"))).toEqual([]);
  expect(told("BAL-P019", until("2026-11-21"))).toEqual([]);
});

test("windows that are all protected away are a warning", () => {
  const frozen = `freezes: [{ name: all, from: 2026-11-01, to: 2027-12-31, reason: building }]`;
  expect(told("BAL-P020", calendar(`${windows("sun")}, ${frozen}`))).toEqual([
    "warning calendar/office: none of its 1 maintenance windows is open in the next 62 days",
  ]);
  expect(told("BAL-P020", calendar(windows("sun")))).toEqual([]);
});

test("tenants of one pool who are never open together are a warning", () => {
  const second = (day: string): Parts => ({
    more: [
      ["Calendar", "other", `${ZONE}, ${windows(day)}`],
      ["Tenant", "beta", `${OWNER}, calendar: other, environments: { production: { hosting: shared, pool: all } }`],
    ],
  });
  expect(told("BAL-P021", second("wed"))).toEqual([
    "warning pool/all: calendars office, other are not open together once in the next 62 days",
  ]);
  expect(told("BAL-P021", second("sun"))).toEqual([]);
});
