import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { connect } from "node:tls";
import { textOf } from "../../../adapters/files/if-there.ts";
import type { IngressSpec } from "../../../domain/stack/kinds/ingress.ts";
import type { NodeId, Stack, StackNode } from "../../../domain/stack/node.ts";
import type { ServedCertificate } from "../../../domain/stack/served-certificate.ts";
import { folderOf } from "../container/files.ts";
import { ingressInForce } from "../observe/own-objects.ts";
import type { Scope } from "../scope.ts";
import { tlsFolder } from "./ingress-config.ts";
import { hostOf } from "./shown-certificate.ts";

const ANSWER_MS = 5000;

/**
 * Reads, as a browser would, which certificate is shown: the ingress's own for the stack in which it stands, and for one that it leads to, that of its
 * first host, where it comes by ACME. Undefined where there is neither. Nothing is trusted and nothing is sent: a certificate that ended is to be read too.
 * @param entry the ingress that leads to the stack.
 */
export async function servedCertificate(
  scope: Scope,
  stack: Stack,
  entry: StackNode<"ingress"> | undefined,
): Promise<ServedCertificate | undefined> {
  const place = placeOf(stack, entry);
  if (place === undefined) return undefined;
  const { ingress, certificate, host, name } = place;
  const shown = await shownBy(await ingressInForce(scope, ingress), name);
  const pem = await textOf(join(folderOf(tlsFolder(scope), certificate), "certificate.pem"));
  return {
    fingerprint: shown.fingerprint256,
    validTo: shown.validToDate.getTime(),
    ...(pem === undefined ? {} : { issued: new X509Certificate(pem).fingerprint256 }),
    ...(host === undefined ? {} : { acme: { host, issuer: shown.issuer.replaceAll("\n", ", ") } }),
  };
}

interface Place {
  readonly ingress: StackNode<"ingress">;
  /** The ingress's own. */
  readonly certificate: NodeId;
  /** Whose certificate comes by ACME. */
  readonly host?: string;
  /** What is asked for in the handshake. */
  readonly name: string;
}

function placeOf(stack: Stack, entry: StackNode<"ingress"> | undefined): Place | undefined {
  const own = stack.nodes.find((node) => node.kind === "certificate");
  const ingress = stack.nodes.find((node) => node.kind === "ingress");
  if (own !== undefined && ingress !== undefined) {
    return { ingress, certificate: own.id, name: hostOf(own.spec.names[0] ?? "") };
  }
  const route = stack.nodes.find((node) => node.kind === "route");
  const [host] = route?.spec.acme === true ? route.spec.hosts : [];
  const certificate = entry?.uses.find((edge) => edge.as === "mount")?.to;
  return entry === undefined || certificate === undefined || host === undefined
    ? undefined
    : { ingress: entry, certificate, host, name: host };
}

async function shownBy({ address, port }: IngressSpec, servername: string): Promise<X509Certificate> {
  const socket = connect({ host: address, port, servername, rejectUnauthorized: false });
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(ANSWER_MS) });
    const shown = socket.getPeerX509Certificate();
    if (shown === undefined) throw new Error("it showed none");
    return shown;
  } finally {
    socket.destroy();
  }
}
