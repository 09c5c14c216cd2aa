import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { DEFAULTS } from "../defaults.ts";
import { addressRange, httpsUrl } from "./endpoint.ts";
import { type Complaint, field, optional, text } from "./forms.ts";
import { email } from "./tenant.ts";

const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

const NOT_ROOTS: Complaint = {
  code: "BAL-F060",
  text: "{field} is not a list of certificates in PEM, and nothing else",
  hint: "paste the authority's own certificates below `roots: |`, each from -----BEGIN CERTIFICATE----- to its end",
};

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).ca;
  } catch {
    return false;
  }
}

/** Certificates of authorities, one below the other. */
const roots = text(/-----BEGIN CERTIFICATE-----/, (value) => {
  const blocks = value.match(BLOCK) ?? [];
  const rest = value.replaceAll(BLOCK, "").trim();
  return blocks.length > 0 && rest === "" && blocks.every(isCertificate) ? undefined : NOT_ROOTS;
});

/** Who signs what the ingress shows, other than the fleet's own authority. */
export const certificates = z.strictObject({
  acme: z.strictObject({
    email: field(email, "Who answers for the account at the authority."),
    directory: optional(
      httpsUrl,
      "ACME directory of the authority (RFC 8555). That of Let's Encrypt when not declared.",
      DEFAULTS.acmeDirectory,
    ),
    roots: optional(
      roots,
      "Certificates in PEM of a private authority: those behind its directory and behind what it signs. Not declared, it is one that systems trust by themselves.",
    ),
    network: optional(addressRange, "The range in which the directory lies, where that is a private one. It is then called nowhere else."),
  }),
});
