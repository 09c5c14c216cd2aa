import { fallbackHost } from "../fleet/host-names.ts";
import type { Fleet } from "../fleet/model.ts";
import type { AcmeSpec } from "../stack/kinds/ingress.ts";
import { type AnyNode, type Edge, nodeId, type StackId } from "../stack/node.ts";
import type { CompileContext } from "./context.ts";

const HTTPS_PORT = 443;

/**
 * The one name of the ingress's own certificate where others sign for its hosts. It must not name them: Traefik asks nobody for a name that it has a
 * certificate for. No environment is called like this, so no host is.
 */
export function fallbackName({ domain }: Fleet): string {
  return fallbackHost(domain);
}

export function acmeSpec(fleet: Fleet): { readonly acme?: AcmeSpec } {
  const { acme } = fleet.ingress;
  if (acme === undefined) return {};
  const { email, directory, roots } = acme;
  return { acme: { email, directory, ...(roots === undefined ? {} : { roots }), fallback: fallbackName(fleet) } };
}

/** The disk that keeps account and certificates, and egress. */
export function acmeUses({ ingress: { acme } }: Fleet, id: StackId): readonly Edge[] {
  if (acme === undefined) return [];
  return [
    { to: nodeId(id, "acme"), as: "data" },
    { to: nodeId(id, "egress"), as: "egress" },
  ];
}

/** The ingress asks the authority's directory through a proxy of its own, which leads there and nowhere else. */
export function acmeNodes(
  { ingress: { acme } }: Fleet,
  { id, from, context }: Pick<AnyNode, "from"> & { readonly id: StackId; readonly context: CompileContext },
): readonly AnyNode[] {
  if (acme === undefined) return [];
  const { hostname: host, port } = new URL(acme.directory);
  const allow = [
    {
      host,
      port: port === "" ? HTTPS_PORT : Number(port),
      networks: acme.network === undefined ? [] : [acme.network],
      integrations: ["ingress.certificates.acme"],
    },
  ];
  return [
    { id: nodeId(id, "acme"), kind: "volume", spec: { purpose: "acme" }, uses: [], from },
    {
      id: nodeId(id, "egress"),
      kind: "egress",
      spec: { image: context.images["egress"] ?? "", memoryMiB: 128, cpuShares: 256, pidsLimit: 32, allow },
      uses: [{ to: nodeId(id, "boundary"), as: "inside" }],
      from,
    },
  ];
}
