import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from "node:crypto";

const ITERATIONS = 4096;

/** A password as PostgreSQL keeps it (RFC 5803, `SCRAM-SHA-256$…`): sent instead of the plain one, which could end in the server's log. */
export function scramVerifier(password: string, salt: Uint8Array): string {
  const salted = pbkdf2Sync(password.normalize("NFKC"), salt, ITERATIONS, 32, "sha256");
  const hmac = (text: string) => createHmac("sha256", salted).update(text).digest();
  const storedKey = createHash("sha256").update(hmac("Client Key")).digest("base64");
  const serverKey = hmac("Server Key").toString("base64");
  return `SCRAM-SHA-256$${ITERATIONS}:${Buffer.from(salt).toString("base64")}$${storedKey}:${serverKey}`;
}

/** One of ours: with our number of rounds and a salt of at most 64 bytes. Whoever set another one chose how much work comparing it would be. */
const OURS = new RegExp(`^SCRAM-SHA-256\\$${ITERATIONS}:([A-Za-z0-9+/=]{1,88})\\$[A-Za-z0-9+/=]{44}:[A-Za-z0-9+/=]{44}$`);

/** Whether a verifier is one that `scramVerifier` made of this password. */
export function isVerifierOf(verifier: string, password: string): boolean {
  const salt = OURS.exec(verifier)?.[1];
  if (salt === undefined) return false;
  const made = Buffer.from(scramVerifier(password, Buffer.from(salt, "base64")));
  const found = Buffer.from(verifier);
  return made.length === found.length && timingSafeEqual(made, found);
}
