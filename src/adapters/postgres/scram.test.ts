import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { isVerifierOf, scramVerifier } from "./scram.ts";

const SALT = randomBytes(16);
const VERIFIER = scramVerifier("a password", SALT);

test("a verifier belongs to the password that it was made of, and to no other", () => {
  expect(isVerifierOf(VERIFIER, "a password")).toBe(true);
  expect(isVerifierOf(VERIFIER, "another")).toBe(false);
  expect(isVerifierOf(scramVerifier("a password", randomBytes(16)), "a password")).toBe(true);
});

test.each([
  ["none", ""],
  ["an old hash", "md5c4ca4238a0b923820dcc509a6f75849b"],
  ["one with more rounds than ours, which would be as much work", VERIFIER.replace("$4096:", "$999999999:")],
  ["one whose part for the server is another's", `${VERIFIER.slice(0, -44)}${scramVerifier("x", SALT).slice(-44)}`],
  ["one that was cut", VERIFIER.slice(0, -1)],
  ["one with something behind it", `${VERIFIER}x`],
  ["one with a salt that is too long", scramVerifier("a password", randomBytes(128))],
])("%s does not", (_what, verifier) => {
  expect(isVerifierOf(verifier, "a password")).toBe(false);
});
