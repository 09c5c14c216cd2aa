import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What may become of a file: by a full disk, a cut copy, a wrong hand. */
export const DAMAGES = ["deleted", "empty", "truncated", "garbage", "folder"] as const;
export type Damage = (typeof DAMAGES)[number];

export function damage(path: string, how: Damage): void {
  const before = readFileSync(path);
  if (how === "truncated") return writeFileSync(path, before.subarray(0, Math.floor(before.length / 2)));
  if (how === "empty") return writeFileSync(path, "");
  if (how === "garbage") return writeFileSync(path, new Uint8Array([0xff, 0x00, 0x7b, 0xfe, 0x0a]));
  rmSync(path);
  if (how === "deleted") return;
  mkdirSync(path);
  writeFileSync(join(path, "something"), "of somebody");
}
