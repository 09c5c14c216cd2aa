import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { failure } from "../../kernel/problem.ts";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Seals a text with AES-256-GCM. The address is authenticated with it, so that a sealed value cannot be moved to another name. */
export function seal(key: Uint8Array, address: string, text: string): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(Buffer.from(address));
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

/** Opens what `seal` closed; refuses with a coded problem when the key or the address is another. */
export function unseal(key: Uint8Array, address: string, sealed: Uint8Array): string {
  const bytes = Buffer.from(sealed);
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(address));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString("utf8");
  } catch (cause) {
    throw failure("BAL-S005", address, "the sealed value cannot be opened with this key", {
      hint: "the store was sealed with another key: put that key back (BALLAST_KEY_FILE), or remove the fleet and start over",
      cause,
    });
  }
}
