import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "node:tls";
import type { Stack } from "../../domain/stack/node.ts";
import type { ServedCertificate } from "../../domain/stack/served-certificate.ts";
import { folderOf } from "./files.ts";
import { tlsFolder } from "./ingress-config.ts";
import type { Scope } from "./scope.ts";

const ANSWER_MS = 5000;

/**
 * Reads, as a browser would, which certificate the ingress of a stack shows; undefined where the stack has none.
 * Nothing is trusted and nothing is sent: a certificate that ended is to be read too.
 */
export async function servedCertificate(scope: Scope, stack: Stack): Promise<ServedCertificate | undefined> {
  const ingress = stack.nodes.find((node) => node.kind === "ingress");
  const certificate = stack.nodes.find((node) => node.kind === "certificate");
  if (ingress === undefined || certificate === undefined) return undefined;
  const { address, port } = ingress.spec;
  const name = (certificate.spec.names[0] ?? "").replace("*", "any");
  const socket = connect({ host: address, port, servername: name, rejectUnauthorized: false });
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(ANSWER_MS) });
    const shown = socket.getPeerX509Certificate();
    if (shown === undefined) throw new Error("it showed none");
    const pem = await readFile(join(folderOf(tlsFolder(scope), certificate.id), "certificate.pem")).catch(() => undefined);
    const issued = pem === undefined ? {} : { issued: new X509Certificate(pem).fingerprint256 };
    return { fingerprint: shown.fingerprint256, validTo: shown.validToDate.getTime(), ...issued };
  } finally {
    socket.destroy();
  }
}
