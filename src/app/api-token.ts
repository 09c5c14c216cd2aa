import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { randomPassword } from "../adapters/vault/vault.ts";

/** The token that opens the API of an installation, in a file that only its owner may read; made on first use. */
export function apiTokenIn(file: string): { current(): string; rotate(): void } {
  if (!existsSync(file)) writeToken(file);
  let token = readFileSync(file, "utf8").trim();
  return {
    current: () => token,
    rotate() {
      writeToken(file);
      token = readFileSync(file, "utf8").trim();
    },
  };
}

function writeToken(file: string): void {
  writeFileSync(`${file}.making`, `${randomPassword(32)}\n`, { mode: 0o600, flush: true });
  renameSync(`${file}.making`, file);
}
