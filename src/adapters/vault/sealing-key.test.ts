import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
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

const keyIn = (file: string) => Buffer.from(readFileSync(file, "utf8").trim(), "hex");

/** As a file that cannot be replaced: from the moment in which the store took the new key a folder is in its place. */
function blockedWhenSealed(file: string, store: Kept): Kept {
  return {
    ...store,
    async resealAll(convert, mark) {
      await store.resealAll(convert, mark);
      rmSync(file);
      mkdirSync(join(file, "in the way"), { recursive: true });
    },
  };
}

test("a key that cannot be put in place stays beside it, whoever rotates again or starts, until it can", async () => {
  const { file, store, keyring } = await sealedStore();
  expect(await codeOf(rotateKey(file, blockedWhenSealed(file, store), keyring))).toBe("BAL-S020");
  const inForce = keyIn(`${file}.next`);
  expect(valueIn(store, inForce)).toBe("the value");
  for (let again = 0; again < 2; again++) {
    expect(await codeOf(rotateKey(file, store, keyring))).toBe("BAL-S020");
    expect(await codeOf(openKey(file, store))).toBe("BAL-S020");
    expect([keyIn(`${file}.next`).equals(inForce), valueIn(store, inForce)]).toEqual([true, "the value"]);
  }
  rmSync(file, { recursive: true });
  await rotateKey(file, store, keyring);
  const { keyring: opened } = await openKey(file, store);
  expect([valueIn(store, opened.current), keyIn(file).equals(inForce), existsSync(`${file}.next`)]).toEqual(["the value", false, false]);
});

test("a rotation that is killed before or after the store took the new key is ended by the next one, and nothing is lost", async () => {
  for (const cut of ["before", "after"]) {
    const { file, store, keyring } = await sealedStore();
    let gone = false;
    const killed: Kept = {
      ...store,
      // A process that is killed asks nothing any more.
      sealedWith: async () => (gone ? Promise.reject(new Error("killed")) : store.mark),
      async resealAll(convert, mark) {
        if (cut === "after") await store.resealAll(convert, mark);
        gone = true;
        throw new Error("killed");
      },
    };
    await expect(rotateKey(file, killed, keyring)).rejects.toThrow("killed");
    expect(existsSync(`${file}.next`)).toBe(true);
    // The process that is begun next knows the key by the files alone.
    const { keyring: next } = await openKey(file, store);
    expect(valueIn(store, next.current)).toBe("the value");
    await rotateKey(file, store, next);
    expect([valueIn(store, keyIn(file)), existsSync(`${file}.next`)]).toEqual(["the value", false]);
  }
});

test("where the place cannot take a key, nothing is sealed with another, and no copy is left beside it", async () => {
  const { file, store, keyring } = await sealedStore();
  const old = keyring.current;
  rmSync(file);
  mkdirSync(join(file, "in the way"), { recursive: true });
  expect(await codeOf(rotateKey(file, store, keyring))).toBe("BAL-S020");
  expect([valueIn(store, old), store.mark]).toEqual(["the value", markOf(old)]);
  rmSync(file, { recursive: true });
  expect(valueIn(store, (await openKey(file, store)).keyring.current)).toBe("the value");
});

test("a rotation that counted though its process was not told counts for the process, and the next one loses nothing", async () => {
  const { file, store, keyring } = await sealedStore();
  const untold = (asked: () => Promise<string | undefined>): Kept => ({
    ...store,
    sealedWith: asked,
    async resealAll(convert, mark) {
      await store.resealAll(convert, mark);
      throw new Error("the connection ended");
    },
  });
  let silent = false;
  const away = untold(async () => {
    if (silent) throw new Error("no connection");
    return store.mark;
  });
  await rotateKey(file, away, keyring);
  expect(valueIn(store, keyring.current)).toBe("the value");
  const silenced: Kept = {
    ...away,
    async resealAll(convert, mark) {
      silent = true;
      await away.resealAll(convert, mark);
    },
  };
  await expect(rotateKey(file, silenced, keyring)).rejects.toThrow("no connection");
  await rotateKey(file, store, keyring);
  expect([valueIn(store, keyring.current), keyIn(file).equals(Buffer.from(keyring.current))]).toEqual(["the value", true]);
});
