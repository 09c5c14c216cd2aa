/** Node and OpenSSL name what is wrong with a certificate or a handshake by codes that begin so. */
const UNTRUSTED = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|EPROTO|INVALID_|PERMITTED_|EXCLUDED_|HOSTNAME_)/;

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^CERT_HAS_EXPIRED$/, "the certificate has expired"],
  [/^CERT_NOT_YET_VALID$/, "the certificate is not valid yet, or the clock of one of the two is wrong"],
  [/^(ERR_TLS_CERT_ALTNAME_|HOSTNAME_MISMATCH)/, "the certificate is for another host name"],
  [
    /^(UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE|INVALID_CA)/,
    "no authority that is trusted here has signed the certificate",
  ],
  [/^CERT_REVOKED$/, "the certificate was revoked"],
  [/^ERR_SSL_.*UNRECOGNIZED_NAME$/, "the server has no certificate for this host name, and refused the handshake"],
  [/^(ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH)/, "what answers there does not speak TLS"],
  [/^(ERR_SSL_|ERR_TLS_|EPROTO)/, "the server refused the handshake"],
];

/** What keeps a connection from being trusted, for people; undefined of any other fault. The words of OpenSSL name its own source files and lines. */
export function handshakeFault({
  code,
  message = "",
}: {
  readonly code?: string | undefined;
  readonly message?: string;
}): string | undefined {
  if (code === undefined || !UNTRUSTED.test(code)) return undefined;
  const kind = code === "EPROTO" ? reasonIn(message) : code;
  return WORDS.find(([form]) => form.test(kind))?.[1] ?? "the certificate is not one by which a server may show who it is";
}

/** Of a fault while something was written Node gives no code of its own: the reason stands in the words of OpenSSL, such as `wrong version number`. */
function reasonIn(message: string): string {
  const [, reason = ""] = /:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/.exec(message) ?? [];
  return `ERR_SSL_${reason.toUpperCase().replaceAll(" ", "_")}`;
}
