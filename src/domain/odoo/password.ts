import { pbkdf2 } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify(pbkdf2);

/** Rounds that Odoo 19 asks of a person's password (res_users.py MIN_ROUNDS) and of an API key (KEY_CRYPT_CONTEXT). */
export const PERSON_ROUNDS = 600_000;
export const KEY_ROUNDS = 6000;

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
