import "reflect-metadata";
import { webcrypto, X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { expect, test } from "vitest";
import { handshake } from "../../../test/support/handshake.ts";
import { issueCertificate, type KeyPair, makeAuthority, permittedNames } from "./authority.ts";

const NOT_BEFORE = new Date(Date.now() - 3_600_000);

async function authority(): Promise<KeyPair> {
  return await makeAuthority({ name: "Ballast hello", domain: "hello.localhost", notBefore: NOT_BEFORE, validDays: 3650 });
}

test("a client that trusts the authority trusts its certificates, for the names in them and no others", async () => {
  const root = await authority();
  const server = await issueCertificate(root, { names: ["*.hello.localhost", "hello.localhost"], notBefore: NOT_BEFORE, validDays: 90 });
  expect(await handshake(root.certificate, server, "acme.hello.localhost")).toBe("trusted");
  expect(await handshake(root.certificate, server, "acme.other.localhost")).toContain("does not match certificate");
  expect(new X509Certificate(server.certificate).checkIssued(new X509Certificate(root.certificate))).toBe(true);
});

/** Signed with the authority's key by somebody who does not ask what it may sign. */
async function forced(root: KeyPair, name: string): Promise<KeyPair> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const key = x509.PemConverter.decodeFirst(root.key);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: new x509.X509Certificate(root.certificate).subject,
    notBefore: NOT_BEFORE,
    notAfter: new Date(NOT_BEFORE.getTime() + 86_400_000),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: await webcrypto.subtle.importKey("pkcs8", key, algorithm, true, ["sign"]),
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: name }])],
  });
  const own = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { certificate: certificate.toString("pem"), key: x509.PemConverter.encode(own, "PRIVATE KEY") };
}

test("the authority cannot vouch for a name outside its domain, even by force", async () => {
  const root = await authority();
  expect(await handshake(root.certificate, await forced(root, "bank.example"), "bank.example")).toBe("permitted subtree violation");
});

test("a name that the authority may not sign is left out, so that it harms no other name; with no other there is no certificate", async () => {
  const root = await authority();
  const names = ["acme.hello.localhost", "bank.example", "nothello.localhost", "hello.localhost.example"];
  expect(permittedNames(root, names)).toEqual(["acme.hello.localhost"]);
  const server = await issueCertificate(root, { names, notBefore: NOT_BEFORE, validDays: 90 });
  expect(new X509Certificate(server.certificate).subjectAltName).toBe("DNS:acme.hello.localhost");
  expect(await handshake(root.certificate, server, "acme.hello.localhost")).toBe("trusted");
  await expect(issueCertificate(root, { names: ["bank.example"], notBefore: NOT_BEFORE, validDays: 90 })).rejects.toThrow("bank.example");
});

test("a common name is never a name cut short: that would be another host's", async () => {
  const root = await authority();
  const long = `${"a".repeat(60)}.${"b".repeat(60)}.hello.localhost`;
  const subject = async (names: readonly string[]) =>
    new X509Certificate((await issueCertificate(root, { names, notBefore: NOT_BEFORE, validDays: 90 })).certificate).subject;
  expect([await subject([long]), await subject([long, "hello.localhost"])]).toEqual(["CN=Ballast", "CN=hello.localhost"]);
});
