import { expect, test } from "vitest";
import type { EndedSession, Relief } from "../../engines/engine.ts";
import { sharedNotes, watchSharedServers } from "./watch-shared-servers.ts";

const NOW = Date.parse("2026-11-27T10:00:00Z");
const ended = (role: string, held: EndedSession["held"] = "locks"): EndedSession => ({
  stack: "pool/everyone",
  server: "pool/everyone/postgres",
  pid: 7,
  role,
  database: role,
  held,
  because: `it held ${held}`,
});

function subject(looks: readonly Partial<Relief>[]) {
  const settings = new Map<string, never>();
  const ledger: string[] = [];
  const rest = [...looks];
  let now = NOW;
  const store = { fails: false };
  const parts = {
    engine: { relieve: async () => ({ ended: [], unwatched: [], repaired: [], crashed: [], ...rest.shift() }) },
    store: {
      setting: async <T>(name: string) => settings.get(name) as T | undefined,
      writeDown: async (told: readonly { subject: string; reasons: readonly string[] }[], kept?: { key: string; value: never }) => {
        if (store.fails) throw new Error("the store is away");
        ledger.push(...told.map(({ subject: at, reasons }) => `${at}: ${reasons[0]}`));
        if (kept !== undefined) settings.set(kept.key, kept.value);
      },
    },
    now: () => now,
    fault: () => undefined,
  } as unknown as Parameters<typeof watchSharedServers>[0];
  return { parts, ledger, store, pass: (hours: number) => void (now += hours * 3_600_000) };
}

test("what was ended is told once for each role and reason, and again when it happened twice as often", async () => {
  const again = { ended: [ended("acme")] };
  const { parts, ledger } = subject([
    { ended: [ended("acme"), ended("acme"), ended("acme")] },
    again,
    again,
    { ended: [ended("acme", "notifications")] },
  ]);
  for (let look = 0; look < 4; look++) await watchSharedServers(parts);
  const words = "pool/everyone: a session of acme in acme was ended: it held";
  expect(ledger).toEqual([
    `${words} locks; 3 such sessions in a day`,
    `${words} locks; 4 such sessions in a day`,
    `${words} notifications`,
  ]);
  expect(await sharedNotes(parts)).toEqual([
    "pool/everyone/postgres: a session of acme ended in a day, last 2026-11-27T10:00Z: it held notifications",
    "pool/everyone/postgres: 5 sessions of acme ended in a day, last 2026-11-27T10:00Z: it held locks",
  ]);
});

test("after a day it is news again, and what nobody can look at is said until somebody can", async () => {
  const unwatched = [{ server: "pool/everyone/postgres", because: "no answer" }];
  const { parts, ledger, pass } = subject([{ ended: [ended("acme")] }, { unwatched }, {}, { ended: [ended("acme")] }]);
  await watchSharedServers(parts);
  pass(25);
  await watchSharedServers(parts);
  expect(await sharedNotes(parts)).toEqual(["pool/everyone/postgres: unknown who holds what all its users share: no answer"]);
  await watchSharedServers(parts);
  expect(await sharedNotes(parts)).toEqual([]);
  await watchSharedServers(parts);
  expect(ledger.length).toBe(2);
});

test("who could connect to what is everybody's, and cannot any more, is told at that server", async () => {
  const repaired = [
    { stack: "pool/everyone", server: "pool/everyone/postgres", what: "every role could connect to the database postgres" } as const,
  ];
  const { parts, ledger } = subject([{ repaired }, {}]);
  await watchSharedServers(parts);
  await watchSharedServers(parts);
  expect(ledger).toEqual(["pool/everyone: every role could connect to the database postgres, and cannot any more"]);
});

test("a server that ended every session after a crash is told each time, and shown for a day", async () => {
  const crashed = [{ stack: "pool/everyone", server: "pool/everyone/postgres" } as const];
  const { parts, ledger, pass } = subject([{ crashed }, { crashed }, {}, { ended: [ended("acme")] }]);
  for (let look = 0; look < 3; look++) await watchSharedServers(parts);
  expect(ledger).toEqual(
    Array(2).fill("pool/everyone: one of its processes crashed: PostgreSQL ended every session, recovered and goes on"),
  );
  expect(await sharedNotes(parts)).toEqual([
    "pool/everyone/postgres: a process of it crashed 2 times in a day, last 2026-11-27T10:00Z, and every session was ended; what it wrote then is in its log",
  ]);
  pass(25);
  expect(await sharedNotes(parts)).toEqual([]);
  await watchSharedServers(parts);
  expect((await sharedNotes(parts)).length).toBe(1);
});

test("everybody who was ended is told, also beyond those who are shown, and nobody starts over for not being shown", async () => {
  const many = Array.from({ length: 50 }, (_, at) => ended(`t${at}`));
  const { parts, ledger } = subject([{ ended: many }, { ended: many }, { ended: many }]);
  await watchSharedServers(parts);
  expect(ledger.length).toBe(50);
  expect((await sharedNotes(parts)).length).toBe(20);
  await watchSharedServers(parts);
  expect(ledger.slice(50).every((line) => line.endsWith("2 such sessions in a day"))).toBe(true);
  await watchSharedServers(parts);
  expect(ledger.length).toBe(100);
});

test("what could not be written down is told by the next look", async () => {
  const repaired = [{ stack: "pool/everyone", server: "pool/everyone/postgres", what: "every role could connect" } as const];
  const { parts, ledger, store } = subject([{ ended: [ended("acme")], repaired }, {}]);
  const last = {};
  store.fails = true;
  await expect(watchSharedServers(parts, last)).rejects.toThrow("the store is away");
  store.fails = false;
  await watchSharedServers(parts, last);
  expect(ledger).toEqual([
    "pool/everyone: every role could connect, and cannot any more",
    "pool/everyone: a session of acme in acme was ended: it held locks",
  ]);
});
