import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { NodeId } from "../../../domain/stack/node.ts";
import type { Scope } from "../scope.ts";

/** At which the ingress listens inside its container, with TLS. */
export const INGRESS_PORT = 8443;

/** The one flat folder that the ingress watches; its file provider does not follow new subfolders. */
export function configFolder(scope: Pick<Scope, "paths">): string {
  return join(scope.paths.state, "ingress");
}

/** Beside the folder that the ingress watches: what stood in the place of one of its files, until somebody has looked at it. */
export function asideFolder(scope: Pick<Scope, "paths">): string {
  return asideOfWatched(join(configFolder(scope), "any"));
}

export function asideOfWatched(path: string): string {
  return join(dirname(dirname(path)), "set-aside");
}

/** Certificates and their keys: the only secrets that the ingress sees, hence a folder of their own. */
export function tlsFolder(scope: Pick<Scope, "paths">): string {
  return join(scope.paths.volatile, "tls");
}

/** Where the ingress finds its routes. */
export const CONFIG_INSIDE = "/etc/ballast/ingress";

/** Where the ingress sees them. */
export const TLS_INSIDE = "/run/ballast/tls";

export async function makeConfigFolder(scope: Pick<Scope, "paths">): Promise<string> {
  await mkdir(configFolder(scope), { recursive: true, mode: 0o755 });
  return configFolder(scope);
}

/** JSON is YAML; the ingress accepts only the ending. */
export function configName(id: NodeId): string {
  return `${configKey(id)}.yaml`;
}

/** A node's id as a name inside the ingress configuration. */
export function configKey(id: NodeId): string {
  return id.replaceAll("/", "-").replaceAll("~", "-");
}

/** What holds for every connection: forward secrecy and authenticated encryption alone, and no answer to a name that nobody has. */
export const TLS_OPTIONS = {
  minVersion: "VersionTLS12",
  sniStrict: true,
  // Of TLS 1.2; the suites of 1.3 are all of that kind.
  cipherSuites: [
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
  ],
  // No HTTP/2: each of its streams has headers and an answer of its own, so sixty connections of one client took the memory of the ingress. The other is ACME's.
  alpnProtocols: ["http/1.1", "acme-tls/1"],
} as const;
