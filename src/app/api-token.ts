import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { randomPassword } from "../adapters/vault/vault.ts";

const BYTES = 32;
/** A token of 32 random bytes has 43 characters. */
const SHORTEST = 40;

export interface ApiToken {
  current(): string;
  rotate(): void;
}

/**
 * The token that opens the API of an installation, in a file that only its owner may read; made on first use.
 * One that is empty, too short or was readable by others opens the API to others, so it is never used: another is made.
 * @param tell is told why, where one that was there was not taken.
 */
export function apiTokenIn(file: string, tell: (why: Error) => void): ApiToken {
  const found = tokenIn(file);
  const refused = found === undefined ? undefined : faultOf(file, found);
  let token = found === undefined || refused !== undefined ? writeToken(file) : found;
  if (refused !== undefined) tell(new Error(`the token in ${file} was replaced: ${refused}`));
  return {
    current: () => token,
    rotate() {
      token = writeToken(file);
    },
  };
}

function tokenIn(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function faultOf(file: string, token: string): string | undefined {
  if (token === "") return "it was empty";
  if (token.length < SHORTEST) return `it had ${token.length} characters, fewer than ${SHORTEST}`;
  if (!/^[\x21-\x7e]+$/.test(token)) return "it held something that is no plain character";
  return (statSync(file).mode & 0o077) === 0 ? undefined : "others than its owner could read or write it";
}

function writeToken(file: string): string {
  const token = randomPassword(BYTES);
  rmSync(`${file}.making`, { force: true });
  writeFileSync(`${file}.making`, `${token}\n`, { mode: 0o600, flag: "wx", flush: true });
  renameSync(`${file}.making`, file);
  return token;
}
