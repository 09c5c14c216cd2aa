import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { GeneralName, GeneralSubtree, GeneralSubtrees, NameConstraints } from "@peculiar/asn1-x509";
import * as x509 from "@peculiar/x509";

x509.cryptoProvider.set(webcrypto as never);
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const NAME_CONSTRAINTS = "2.5.29.30";
const DAY_MS = 86_400_000;

/** A certificate (with what signed it, for servers) and its private key, PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Makes an authority that can sign for one domain and the names below it, and for nothing else (RFC 5280 4.2.1.10). */
export async function makeAuthority(options: { name: string; domain: string; notBefore: Date; validDays: number }): Promise<KeyPair> {
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const constraints = new NameConstraints({
    permittedSubtrees: new GeneralSubtrees([new GeneralSubtree({ base: new GeneralName({ dNSName: options.domain }) })]),
  });
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=${options.name}`,
    notBefore: options.notBefore,
    notAfter: new Date(options.notBefore.getTime() + options.validDays * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.Extension(NAME_CONSTRAINTS, true, AsnConvert.serialize(constraints)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pemLine(certificate.toString("pem")), key: await exportKey(keys.privateKey) };
}

/** Of these names the ones that the authority may sign. With any other in it, clients refuse a certificate for all of its names. */
export function permittedNames(authority: Pick<KeyPair, "certificate">, names: readonly string[]): readonly string[] {
  const extension = new x509.X509Certificate(authority.certificate).getExtension(NAME_CONSTRAINTS);
  if (extension === null) return names;
  const { permittedSubtrees } = AsnConvert.parse(extension.value, NameConstraints);
  const bases = [...(permittedSubtrees ?? [])].flatMap((subtree) => subtree.base.dNSName ?? []);
  return names.filter((name) => bases.some((base) => name === base || name.endsWith(`.${base}`)));
}

/** Issues a server certificate for DNS names, signed by the authority; what it may not sign is left out. */
export async function issueCertificate(
  authority: KeyPair,
  options: { names: readonly string[]; notBefore: Date; validDays: number },
): Promise<KeyPair> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const names = permittedNames(authority, options.names);
  if (names.length === 0) throw new Error(`the authority may sign none of these names: ${options.names.join(", ")}`);
  const signingKey = await importKey(authority.key);
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: `CN=${commonName(names)}`,
    issuer: issuer.subject,
    notBefore: options.notBefore,
    notAfter: new Date(Math.min(options.notBefore.getTime() + options.validDays * DAY_MS, issuer.notAfter.getTime())),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((name) => ({ type: "dns", value: name }))),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pemLine(certificate.toString("pem")), key: await exportKey(keys.privateKey) };
}

/** A common name has at most 64 characters, and a name cut short would be another host's: only what is no host stands in for it. */
function commonName(names: readonly string[]): string {
  return names.find((name) => name.length <= 64) ?? "Ballast";
}

/** 159 random bits: unique, positive, at most 20 octets (RFC 5280 4.1.2.2). */
function serial(): string {
  const bytes = Buffer.from(webcrypto.getRandomValues(new Uint8Array(20)));
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x40;
  return bytes.toString("hex");
}

function pemLine(pem: string): string {
  return pem.endsWith("\n") ? pem : `${pem}\n`;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  return await webcrypto.subtle.importKey("pkcs8", x509.PemConverter.decodeFirst(pem), ALGORITHM, true, ["sign"]);
}
