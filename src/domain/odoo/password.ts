import { pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import { type KnownSeries, lastFrom } from "./known-series.ts";

const derive = promisify(pbkdf2);

/** Rounds that an API key's hash has in all series (res_users.py KEY_CRYPT_CONTEXT): the key is random, so nobody guesses. */
export const KEY_ROUNDS = 6000;

export interface PasswordFacts {
  /** Rounds of a person's password. */
  readonly personRounds: number;
}

/**
 * Up to 16.0 Odoo leaves the number to passlib (`pbkdf2_sha512.default_rounds`), from 17.0 on it asks for at least `MIN_ROUNDS`. Any number is verified by
 * all; an older series that is given the newer number spends the time on every call whose check is not cached. Source: base/models/res_users.py.
 */
export function passwordsOf(series: KnownSeries): PasswordFacts {
  return lastFrom(series, [
    ["14.0", { personRounds: 25_000 }],
    ["17.0", { personRounds: 600_000 }],
  ]);
}

/**
 * A password hash as Odoo's passlib writes it: `$pbkdf2-sha512$ROUNDS$SALT$HASH`, both in passlib's base64 without padding and with `.` for `+`.
 * Not on the event loop: the rounds of a person's password take a third of a second.
 * @param salt 16 random bytes, the caller's.
 */
export async function passwordHash(password: string, salt: Uint8Array, rounds: number): Promise<string> {
  const digest = await derive(password, salt, rounds, 64, "sha512");
  return `$pbkdf2-sha512$${rounds}$${passlibBase64(salt)}$${passlibBase64(digest)}`;
}

function passlibBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replaceAll("=", "").replaceAll("+", ".");
}
