import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { failure } from "../../kernel/problem.ts";
import { replaceFileNow } from "../files/replace-file.ts";
import { readStateFile, type StateForm } from "../files/state-file.ts";
import { seal, unseal } from "./seal.ts";

/** The key in force. One object for all who seal, so that a rotation reaches them at once. */
export interface Keyring {
  current: Uint8Array;
}

/** What the store knows of the key, and may do with everything that is sealed. */
export interface SealedStore {
  /** The mark of the key with which everything is sealed; undefined while nothing is. */
  sealedWith(): Promise<string | undefined>;
  markSealedWith(mark: string): Promise<void>;
  sealedCount(): Promise<number>;
  /** Replaces every sealed value and the mark, all or nothing. */
  resealAll(convert: (place: string, sealed: Uint8Array) => Uint8Array, mark: string): Promise<void>;
  forgetAllSealed(): Promise<void>;
}

export interface OpenedKey {
  readonly keyring: Keyring;
  /** True where everything that was sealed with a lost key was given up. */
  readonly gaveUp: boolean;
}

/** Tells keys apart and says nothing about them: they are random, so nobody finds one from its hash. */
export function markOf(key: Uint8Array): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 16);
}

/**
 * The sealing key of an installation: 32 bytes as 64 hex digits in a file of mode 0600 outside the store, made on first use.
 * A key that is missing, or is another than the store was sealed with, is refused (BAL-S010, BAL-S005), unless everything sealed is to be given up.
 */
export async function openKey(file: string, store: SealedStore, giveUpSealed = false): Promise<OpenedKey> {
  await settleRotation(file, store);
  const key = readKey(file);
  const fits = await fitsStore(key, store);
  if (!fits && !giveUpSealed) throw key === undefined ? missing(file) : another(file);
  if (!fits) await store.forgetAllSealed();
  const current = key ?? writeKey(file, randomBytes(32));
  await store.markSealedWith(markOf(current));
  return { keyring: { current }, gaveUp: !fits };
}

/** Whether what is sealed there can be opened: with this key, or because nothing is. */
async function fitsStore(key: Uint8Array | undefined, store: SealedStore): Promise<boolean> {
  const mark = await store.sealedWith();
  if (mark !== undefined) return key !== undefined && mark === markOf(key);
  return key !== undefined || (await store.sealedCount()) === 0;
}

const GIVE_UP =
  "put the right key back (BALLAST_KEY_FILE), or give up what is sealed and have every secret recreated: ballast rotate FOLDER --lost-key";

function missing(file: string): Error {
  return failure("BAL-S010", file, "the sealing key is not there, and the store holds values that were sealed with it", { hint: GIVE_UP });
}

function another(file: string): Error {
  return failure("BAL-S005", file, "is another key than the one with which this store was sealed", { hint: GIVE_UP });
}

/**
 * Reseals everything with another key. Killed at any moment, or with a file that cannot be replaced, the key in force is in the file or beside it: a
 * rotation that did not end is ended first, and the place is tried with the key in force before anything is sealed with another.
 */
export async function rotateKey(file: string, store: SealedStore, keyring: Keyring): Promise<void> {
  await settleRotation(file, store);
  keyring.current = await keyInForce(file, store, keyring);
  putInPlace(file, writeKey(`${file}.next`, keyring.current));
  const next = writeKey(`${file}.next`, randomBytes(32));
  try {
    await store.resealAll((place, sealed) => seal(next, place, unseal(keyring.current, place, sealed)), markOf(next));
  } catch (error) {
    // A connection that ends while the store commits does not say whether it did; the mark does.
    if ((await store.sealedWith()) !== markOf(next)) throw error;
  }
  keyring.current = next;
  putInPlace(file, next);
}

/** The key that the mark in the store names: this process's, or the one in the file, where a rotation counted and its process was not told. */
async function keyInForce(file: string, store: SealedStore, { current }: Keyring): Promise<Uint8Array> {
  const mark = await store.sealedWith();
  if (mark === undefined || mark === markOf(current)) return current;
  const held = readKey(file);
  if (held === undefined || mark !== markOf(held)) throw another(file);
  return held;
}

/** Moves the key that lies beside the file into its place; where that fails the key stays where it is. */
function putInPlace(file: string, key: Uint8Array): void {
  try {
    renameSync(`${file}.next`, file);
  } catch (error) {
    const held = readStateFile(file, KEY);
    if (held.state === "there" && markOf(held.value) === markOf(key)) rmSync(`${file}.next`, { force: true });
    throw failure("BAL-S020", file, `cannot be replaced: ${(error as Error).message}`, { hint: REPLACEABLE, cause: error });
  }
}

const REPLACEABLE =
  "let it be a plain file in a folder that may be written; one that is mounted by itself cannot be replaced: mount its folder; where FILE.next is there, it holds the key in force: keep it";

/** Ends a rotation that was cut off: the mark in the store says which of the two keys is in force. */
async function settleRotation(file: string, store: SealedStore): Promise<void> {
  const next = `${file}.next`;
  const found = readStateFile(next, KEY);
  if (found.state === "missing") return;
  const mark = await store.sealedWith();
  const current = readStateFile(file, KEY);
  const fits = current.state === "there" && mark === markOf(current.value);
  if (!fits && found.state === "there" && mark === markOf(found.value)) return putInPlace(file, found.value);
  // A spoilt one is in nobody's way where everything is sealed with the key that is in force.
  if (!fits && found.state === "wrong") throw spoilt(next, found.because);
  rmSync(next, { recursive: true });
}

const KEY: StateForm<Uint8Array> = {
  form: "a sealing key: 64 hex digits",
  read: (text) => (/^[0-9a-f]{64}\s*$/.test(text) ? Buffer.from(text.trim(), "hex") : undefined),
};

function readKey(file: string): Uint8Array | undefined {
  const found = readStateFile(file, KEY);
  if (found.state === "wrong") throw spoilt(file, found.because);
  return found.state === "there" ? found.value : undefined;
}

/** What is wrong with the file of a sealing key; undefined where it holds one. */
export function keyFault(file: string): string | undefined {
  const found = readStateFile(file, KEY);
  return found.state === "there" ? undefined : found.state === "missing" ? "is not there" : found.because;
}

/** Writes the key in force again where its file is gone or spoilt; true when it did. Another key that lies there is left to the next start to judge. */
export function keepKey(file: string, keyring: Keyring): boolean {
  if (keyFault(file) === undefined) return false;
  writeKey(file, keyring.current);
  return true;
}

function spoilt(file: string, because: string): Error {
  return failure("BAL-S005", file, because, { hint: GIVE_UP });
}

/** Written through to the disk before anything is sealed with it. */
function writeKey(file: string, key: Uint8Array): Uint8Array {
  mkdirSync(dirname(file), { recursive: true });
  replaceFileNow(file, `${Buffer.from(key).toString("hex")}\n`, { mode: 0o600 });
  return key;
}
