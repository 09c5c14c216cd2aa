import { createHash, randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { failure } from "../../kernel/problem.ts";
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
  "put the right key back (BALLAST_KEY_FILE), or give up what is sealed and have every secret made anew: ballast rotate FOLDER --lost-key";

function missing(file: string): Error {
  return failure("BAL-S010", file, "the sealing key is not there, and the store holds values that were sealed with it", { hint: GIVE_UP });
}

function another(file: string): Error {
  return failure("BAL-S005", file, "is another key than the one with which this store was sealed", { hint: GIVE_UP });
}

/** Seals everything anew with another key. Killed at any moment, the next start finds one key, and it is the right one. */
export async function rotateKey(file: string, store: SealedStore, keyring: Keyring): Promise<void> {
  const next = writeKey(`${file}.next`, randomBytes(32));
  await store.resealAll((place, sealed) => seal(next, place, unseal(keyring.current, place, sealed)), markOf(next));
  keyring.current = next;
  renameSync(`${file}.next`, file);
}

/** Ends a rotation that was cut off: the mark in the store says which of the two keys is in force. */
async function settleRotation(file: string, store: SealedStore): Promise<void> {
  const next = readKey(`${file}.next`);
  if (next === undefined) return;
  if ((await store.sealedWith()) === markOf(next)) renameSync(`${file}.next`, file);
  else rmSync(`${file}.next`);
}

function readKey(file: string): Uint8Array | undefined {
  try {
    const text = readFileSync(file, "utf8");
    if (/^[0-9a-f]{64}\s*$/.test(text)) return Buffer.from(text.trim(), "hex");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  throw failure("BAL-S005", file, "is not a sealing key: 64 hex digits were expected");
}

/** Written through to the disk before anything is sealed with it. */
function writeKey(file: string, key: Uint8Array): Uint8Array {
  mkdirSync(dirname(file), { recursive: true });
  rmSync(`${file}.making`, { force: true });
  const descriptor = openSync(`${file}.making`, "wx", 0o600);
  writeSync(descriptor, `${Buffer.from(key).toString("hex")}\n`);
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(`${file}.making`, file);
  return key;
}
