import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../test/support/embedded-server.ts";
import { firstBroken } from "../../domain/ledger/entry.ts";
import { openStore, type Store } from "./store.ts";

/** What PostgreSQL refuses in text and in jsonb. */
const FOREIGN = "last line\0of a tenant\ud800 \udfff";
const KEPT = "last line\ufffdof a tenant\ufffd \ufffd";
const AT = new Date("2026-11-22T12:00:00Z");

let server: TestServer;
let store: Store;

beforeAll(async () => {
  server = await testServer();
  store = await openStore({ connectionString: await server.database("border"), maxConnections: 2, onLostConnection: () => undefined });
});
afterAll(async () => {
  await store.close();
  await server.stop();
});

test("no text makes a write fail: operations, their results and events", async () => {
  const problems = [{ code: "BAL-E007", severity: "error", at: FOREIGN, message: FOREIGN, [FOREIGN]: { [FOREIGN]: [FOREIGN] } }];
  await store.addOperation({ id: FOREIGN, verb: FOREIGN, stack: FOREIGN, actor: FOREIGN, request: { problems }, at: AT });
  await store.addOperation({ id: "part", verb: "converge", parent: FOREIGN, actor: "a", request: {}, at: AT });
  await store.endOperation(FOREIGN, "failed", { problems }, AT);
  expect(await store.operation(FOREIGN)).toEqual({
    id: KEPT,
    verb: KEPT,
    stack: KEPT,
    parent: null,
    state: "failed",
    actor: KEPT,
    result: { problems: [{ code: "BAL-E007", severity: "error", at: KEPT, message: KEPT, [KEPT]: { [KEPT]: [KEPT] } }] },
    createdAt: AT,
    finishedAt: AT,
  });
  expect((await store.partsOf(FOREIGN)).map((one) => one.id)).toEqual(["part"]);
  const event = { operation: FOREIGN, root: FOREIGN, key: FOREIGN, at: AT, kind: FOREIGN, subject: FOREIGN, text: FOREIGN };
  await store.addEvent(event);
  await store.addEvent({ ...event, key: "long", text: "x".repeat(10_000_000) });
  const events = await store.events(FOREIGN, 0, 10);
  expect(events[0]).toEqual({ seq: events[0]?.seq, operation: KEPT, at: AT, kind: KEPT, subject: KEPT, text: KEPT });
  expect(events.length).toBe(2);
  expect(events[1]?.text.length).toBeLessThanOrEqual(4000);
});

test("no text makes a write fail: settings, revisions, leases, secrets", async () => {
  await store.setSetting(FOREIGN, { [FOREIGN]: FOREIGN });
  expect(await store.setting(FOREIGN)).toEqual({ [KEPT]: KEPT });
  expect(await store.keptSetting(`${FOREIGN}2`, () => ({ deep: [[FOREIGN]] as never }))).toEqual({ deep: [[KEPT]] });
  const hash = await store.keepRevision([{ path: FOREIGN, text: FOREIGN }], AT);
  expect(await store.revisionFiles(hash)).toEqual([{ path: KEPT, text: KEPT }]);
  expect((await store.takeLease(FOREIGN, FOREIGN, AT)).operation).toBe(KEPT);
  await store.releaseLeases(FOREIGN);
  expect(await store.leaseOf(FOREIGN)).toBeUndefined();
  const sealed = Uint8Array.of(0, 1, 2);
  expect(Uint8Array.from(await store.keepSealedSecret({ address: FOREIGN, generation: 1, sealed, at: AT }))).toEqual(sealed);
  await store.forgetSecret(FOREIGN);
  expect(await store.sealedSecret(FOREIGN, 1)).toBeUndefined();
});

test("the ledger takes any text, keeps its chain, and a line that jsonb refuses, of an earlier version, hides no other", async () => {
  const entry = (operation: string) => ({
    actor: FOREIGN,
    act: "a",
    subject: FOREIGN,
    reasons: [FOREIGN],
    evidence: { operation, of: FOREIGN },
  });
  await store.appendLedger(entry("op-1"), AT);
  await store.appendLedger({ ...entry("op-2"), reasons: ["x".repeat(10_000_000)] }, AT);
  const lines = await store.ledgerLines(10);
  expect(firstBroken(lines)).toBeUndefined();
  expect(lines[0]?.entry).toContain(KEPT);
  expect(lines[1]?.entry.length).toBeLessThan(20_000);
  const former = JSON.stringify({ evidence: { operation: "op-0" }, reasons: ["\0"] });
  await store.pool.query("INSERT INTO ledger (seq, at, entry, hash) VALUES (3, 'a', $1, 'h')", [former]);
  expect((await store.ledgerOf(["op-1", "op-0"])).map((line) => line.seq)).toEqual([1, 3]);
  expect(await store.ledgerOf([FOREIGN])).toEqual([]);
});
