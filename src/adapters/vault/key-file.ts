import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { failure } from "../../kernel/problem.ts";

/** Reads the sealing key, 32 bytes as 64 hex digits, or makes it on first use (0600, written through to the disk before anything is sealed with it). */
export function sealingKey(file: string): Uint8Array {
  try {
    return parseKey(file, readFileSync(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const key = randomBytes(32);
  mkdirSync(dirname(file), { recursive: true });
  const descriptor = openSync(file, "wx", 0o600);
  writeSync(descriptor, `${key.toString("hex")}\n`);
  fsyncSync(descriptor);
  closeSync(descriptor);
  return key;
}

function parseKey(file: string, text: string): Uint8Array {
  if (!/^[0-9a-f]{64}\s*$/.test(text)) throw failure("BAL-S005", file, "is not a sealing key: 64 hex digits were expected");
  return Buffer.from(text.trim(), "hex");
}
