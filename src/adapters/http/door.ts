import { getCACertificates } from "node:tls";
import type { IngressSpec } from "../../domain/stack/kinds/ingress.ts";
import type { Door } from "./through.ts";

/**
 * The way through an ingress, and whom to trust there: the fleet's own authority; where others sign for its hosts, also those that systems trust, and the declared ones.
 * @param own PEM of the fleet's own authority.
 */
export function doorOf({ address, port, acme }: Pick<IngressSpec, "address" | "port" | "acme">, own: string): Door {
  if (acme === undefined) return { address, port, ca: own };
  const trusted = [own, ...getCACertificates("default"), ...getCACertificates("system"), ...(acme.roots === undefined ? [] : [acme.roots])];
  return { address, port, ca: [...new Set(trusted.map((pem) => pem.trim()))].join("\n"), fallback: acme.fallback };
}
