import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ProblemError } from "../../kernel/problem.ts";
import { seal, unseal } from "./seal.ts";
import { markOf, openKey, rotateKey, type SealedStore } from "./sealing-key.ts";

interface Kept extends SealedStore {
  readonly values: Map<string, Uint8Array>;
  mark: string | undefined;
}

/** A store in memory, whose transaction may be cut off before it counts. */
function storeWith(values: Record<string, Uint8Array> = {}, cutOff = false): Kept {
  const kept: Kept = {
    values: new Map(Object.entries(values)),
    mark: undefined,
    sealedWith: async () => kept.mark,
    async markSealedWith(mark) {
      kept.mark = mark;
    },
    sealedCount: async () => kept.values.size,
    async resealAll(convert, mark) {
      const next = [...kept.values].map(([place, sealed]) => [place, convert(place, sealed)] as const);
      if (cutOff) throw new Error("the connection ended");
      for (const [place, sealed] of next) kept.values.set(place, sealed);
      kept.mark = mark;
    },
    forgetAllSealed: async () => kept.values.clear(),
  };
  return kept;
}

const place = () => join(mkdtempSync(join(tmpdir(), "ballast-key-")), "deep", "sealing.key");
const codeOf = async (work: Promise<unknown>) => {
  const error = await work.catch((caught: unknown) => caught);
  return error instanceof ProblemError ? error.problems[0]?.code : error;
};

test("the key is made once, readable by its owner alone, and the store knows its mark but not the key", async () => {
  const [file, store] = [place(), storeWith()];
  const { keyring, gaveUp } = await openKey(file, store);
  const again = await openKey(file, store);
  expect([keyring.current.length, gaveUp, statSync(file).mode & 0o777]).toEqual([32, false, 0o600]);
  expect(Buffer.from(again.keyring.current).equals(Buffer.from(keyring.current))).toBe(true);
  expect(store.mark).toBe(markOf(keyring.current));
  expect(Buffer.from(keyring.current).toString("hex")).not.toContain(store.mark);
});

test("without its key a store that holds sealed values is refused, and so is one with another key; no key is made meanwhile", async () => {
  const [file, store] = [place(), storeWith({ "a#1": new Uint8Array(40) })];
  expect(await codeOf(openKey(file, store))).toBe("BAL-S010");
  expect(existsSync(file)).toBe(false);
  store.mark = markOf(new Uint8Array(32).fill(1));
  await openKey(file, storeWith());
  expect(await codeOf(openKey(file, store))).toBe("BAL-S005");
  expect(store.values.size).toBe(1);
});

test("who gives up what is sealed begins with a new key and nothing sealed", async () => {
  const [file, store] = [place(), storeWith({ "a#1": new Uint8Array(40) })];
  const { keyring, gaveUp } = await openKey(file, store, true);
  expect([gaveUp, store.values.size, store.mark]).toEqual([true, 0, markOf(keyring.current)]);
});

test("a file that holds no key is refused, not replaced", async () => {
  const file = place();
  await openKey(file, storeWith());
  writeFileSync(file, "short\n");
  expect(await codeOf(openKey(file, storeWith(), true))).toBe("BAL-S005");
  expect(readFileSync(file, "utf8")).toBe("short\n");
});

async function sealedStore(cutOff = false) {
  const [file, store] = [place(), storeWith({}, cutOff)];
  const { keyring } = await openKey(file, store);
  store.values.set("a#1", seal(keyring.current, "a#1", "the value"));
  return { file, store, keyring };
}
const valueIn = (store: Kept, key: Uint8Array) => unseal(key, "a#1", store.values.get("a#1") as Uint8Array);

test("after a rotation the values open with the new key, with the old one no more, and no copy of either is left beside it", async () => {
  const { file, store, keyring } = await sealedStore();
  const old = keyring.current;
  await rotateKey(file, store, keyring);
  expect([valueIn(store, keyring.current), existsSync(`${file}.next`)]).toEqual(["the value", false]);
  expect(() => valueIn(store, old)).toThrow(ProblemError);
  expect(Buffer.from((await openKey(file, store)).keyring.current).equals(Buffer.from(keyring.current))).toBe(true);
});

test("cut off before the store took the new key, the old one is in force", async () => {
  const { file, store, keyring } = await sealedStore(true);
  await expect(rotateKey(file, store, keyring)).rejects.toThrow("the connection ended");
  expect(existsSync(`${file}.next`)).toBe(true);
  const { keyring: next } = await openKey(file, store);
  expect([valueIn(store, next.current), existsSync(`${file}.next`)]).toEqual(["the value", false]);
});

test("cut off after the store took the new key, the new one is in force, though the file still holds the old one", async () => {
  const { file, store, keyring } = await sealedStore();
  const old = readFileSync(file, "utf8");
  await rotateKey(file, store, keyring);
  writeFileSync(`${file}.next`, readFileSync(file, "utf8"));
  rmSync(file);
  writeFileSync(file, old);
  const { keyring: next } = await openKey(file, store);
  expect([valueIn(store, next.current), existsSync(`${file}.next`)]).toEqual(["the value", false]);
});
