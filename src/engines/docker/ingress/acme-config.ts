import type { AcmeSpec } from "../../../domain/stack/kinds/ingress.ts";
import { nodeId, type StackNode, stackOf } from "../../../domain/stack/node.ts";
import { PROXY_PORT } from "../network/egress/squid-config.ts";
import { networkAlias } from "../observe/labels.ts";
import { CONFIG_INSIDE } from "./ingress-config.ts";

/** What routes call the authority by. */
export const ACME_RESOLVER = "acme";
/** Where the volume of accounts and certificates is seen. The image has it for its user alone. */
export const ACME_INSIDE = "/var/lib/ballast/acme";
/** In the folder of the configuration; by its ending no configuration. */
export const ACME_ROOTS_FILE = "acme-roots.pem";

/** Settings of the resolver. Its file is made with mode 0600 by Traefik, which refuses any other. */
export function acmeArguments(acme: AcmeSpec | undefined): readonly string[] {
  if (acme === undefined) return [];
  const at = `--certificatesresolvers.${ACME_RESOLVER}.acme`;
  return [
    `${at}.email=${acme.email}`,
    `${at}.caserver=${acme.directory}`,
    `${at}.storage=${ACME_INSIDE}/acme.json`,
    `${at}.keytype=EC256`,
    // By the port that is there anyway; no second door for plain HTTP.
    `${at}.tlschallenge=true`,
    ...(acme.roots === undefined ? [] : [`${at}.cacertificates=${CONFIG_INSIDE}/${ACME_ROOTS_FILE}`, `${at}.casystemcertpool=true`]),
  ];
}

/** The egress to the directory. By its full name, since each environment that the ingress stands in may have an `egress` too. What stands behind the ingress is asked by plain HTTP, for which no proxy is set. */
export function acmeEnvironment({ id, spec }: StackNode<"ingress">): { readonly environment?: Readonly<Record<string, string>> } {
  if (spec.acme === undefined) return {};
  return { environment: { HTTPS_PROXY: `http://${networkAlias(nodeId(stackOf(id), "egress"))}:${PROXY_PORT}` } };
}

/** The volume of accounts and certificates, by its node. */
export function acmeVolume(node: StackNode<"ingress">): string | undefined {
  return node.uses.find((edge) => edge.as === "data")?.to;
}
