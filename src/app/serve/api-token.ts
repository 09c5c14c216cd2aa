import { statSync } from "node:fs";
import { replaceFileNow } from "../../adapters/files/replace-file.ts";
import { readStateFile, type StateForm } from "../../adapters/files/state-file.ts";
import { randomPassword } from "../../adapters/vault/vault.ts";

const BYTES = 32;
/** A token of 32 random bytes has 43 characters. */
const SHORTEST = 40;

export interface ApiToken {
  current(): string;
  rotate(): void;
  /** Writes the token in force again where its file does not hold it any more; true when it did. */
  keep(): boolean;
}

/**
 * The token that opens the API of an installation, in a file that only its owner may read; made on first use.
 * One that is empty, too short or was readable by others opens the API to others, so it is never used: another is made.
 * @param tell is told why, where one that was there was not taken.
 */
export function apiTokenIn(file: string, tell: (why: Error) => void): ApiToken {
  const found = readStateFile(file, { form: "a token", read: (text) => text.trim() });
  const refused = found.state === "there" ? faultOf(file, found.value) : found.state === "wrong" ? found.because : undefined;
  let token = found.state === "there" && refused === undefined ? found.value : randomPassword(BYTES);
  const keep = () => replaceFileNow(file, `${token}\n`, { mode: 0o600 });
  keep();
  if (refused !== undefined) tell(new Error(`the token in ${file} was replaced: ${refused}`));
  return {
    current: () => token,
    rotate() {
      token = randomPassword(BYTES);
      keep();
    },
    keep,
  };
}

/** A file that holds a token which is used, as it is looked at by others than the control plane. */
export const TOKEN: StateForm<string> = {
  form: `a token: ${SHORTEST} plain characters or more`,
  read: (text) => (textFault(text.trim()) === undefined ? text.trim() : undefined),
};

function textFault(token: string): string | undefined {
  if (token.length < SHORTEST) return `it had ${token.length} characters, fewer than ${SHORTEST}`;
  return /^[\x21-\x7e]+$/.test(token) ? undefined : "it held something that is no plain character";
}

function faultOf(file: string, token: string): string | undefined {
  const fault = textFault(token);
  if (fault !== undefined) return fault;
  return (statSync(file).mode & 0o077) === 0 ? undefined : "others than its owner could read or write it";
}
