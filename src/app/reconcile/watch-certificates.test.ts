import { expect, test } from "vitest";
import type { Stack } from "../../domain/stack/node.ts";
import type { ServedCertificate } from "../../domain/stack/served-certificate.ts";
import { createCertificateWatch } from "./watch-certificates.ts";

const HOUR_MS = 3_600_000;
const PLATFORM: Stack = { id: "platform/here", role: "platform", nodes: [] };

/** A watch whose clock and ingress are in the hands of the test, and what it wrote into the ledger, by hours. */
function watched() {
  const at = { hour: 0, served: undefined as ServedCertificate | Error | undefined };
  const written: string[] = [];
  const asked: number[] = [];
  let setting: unknown;
  const make = () =>
    createCertificateWatch({
      engine: {
        async served() {
          if (at.served instanceof Error) throw at.served;
          return at.served;
        },
        askForCertificates: async () => void asked.push(at.hour),
      },
      store: {
        setting: async () => setting as never,
        writeDown: async (entries: readonly { evidence: { code: string } }[], kept?: { value: unknown }) => {
          written.push(...entries.map(({ evidence }) => `${Math.floor(at.hour)} ${evidence.code}`));
          if (kept !== undefined) setting = kept.value;
        },
      } as never,
      now: () => Math.round(at.hour * HOUR_MS),
    });
  return { at, written, asked, make };
}

test("a fault is written down at once, and then once a day while it lasts, also by the next process", async () => {
  const { at, written, make } = watched();
  at.served = { fingerprint: "a", issued: "b", validTo: 1e15 };
  let watch = make();
  for (at.hour = 0; at.hour < 50; at.hour++) {
    if (at.hour === 20) watch = make();
    await watch([PLATFORM]);
  }
  expect(written).toEqual(["0 BAL-E012", "24 BAL-E012", "48 BAL-E012"]);
});

test("another fault is told at once, and so is one that came back", async () => {
  const { at, written, make } = watched();
  const watch = make();
  const observations = [
    { fingerprint: "a", issued: "b", validTo: 1e15 },
    { fingerprint: "a", validTo: HOUR_MS / 2 },
    { fingerprint: "a", validTo: 1e15 },
    { fingerprint: "a", issued: "b", validTo: 1e15 },
  ];
  for (const [hour, served] of observations.entries()) {
    Object.assign(at, { hour, served });
    await watch([PLATFORM]);
  }
  expect(written).toEqual(["0 BAL-E012", "1 BAL-E011", "3 BAL-E012"]);
});

test("what has not come by ACME is asked for again, ever more rarely, also by the next process, and no more once it came", async () => {
  const { at, written, asked, make } = watched();
  const none = { fingerprint: "own", issued: "own", validTo: 1e15, acme: { host: "a.example", issuer: "the fleet" } };
  at.served = none;
  let watch = make();
  for (let minute = 0; minute < 60 * 60; minute += 1) {
    at.hour = minute / 60;
    if (minute === 180) watch = make();
    if (minute === 50 * 60) at.served = { ...none, fingerprint: "theirs" };
    await watch([PLATFORM]);
  }
  const minutes = asked.map((hour) => Math.round(hour * 60));
  expect(minutes).toEqual([1, 11, 31, 71, 151, 311, 631, 1271, 1991, 2711]);
  expect(written).toEqual(["0 BAL-E013", "24 BAL-E013", "48 BAL-E013"]);
});

test("while an ingress does not answer its fault is neither over nor reported again, and asking goes on as rarely as before", async () => {
  const { at, written, asked, make } = watched();
  const none = { fingerprint: "own", issued: "own", validTo: 1e15, acme: { host: "a.example", issuer: "the fleet" } };
  const watch = make();
  for (let minute = 0; minute < 12 * 60; minute += 1) {
    at.hour = minute / 60;
    // Each second look comes upon an ingress that is away.
    at.served = Math.floor(minute / 15) % 2 === 0 ? none : new Error("connect ECONNREFUSED");
    await watch([PLATFORM]);
  }
  expect(written).toEqual(["0 BAL-E013"]);
  const pauses = asked.slice(1).map((hour, index) => Math.round((hour - (asked[index] as number)) * 60));
  expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
  expect(asked.length).toBeLessThanOrEqual(8);
});
