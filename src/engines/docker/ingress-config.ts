import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { RouteSpec } from "../../domain/stack/kinds/route.ts";
import type { NodeId } from "../../domain/stack/node.ts";
import type { Scope } from "./scope.ts";

/** The one flat folder that the ingress watches; its file provider does not follow new subfolders. */
export function configFolder(scope: Pick<Scope, "paths">): string {
  return join(scope.paths.state, "ingress");
}

/** Certificates and their keys: the only secrets that the ingress sees, hence a folder of their own. */
export function tlsFolder(scope: Pick<Scope, "paths">): string {
  return join(scope.paths.volatile, "tls");
}

/** Where the ingress sees them. */
export const TLS_INSIDE = "/run/ballast/tls";

export async function makeConfigFolder(scope: Scope): Promise<string> {
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

/**
 * The ingress configuration of one route. Closed paths answer 403 to everybody; the header that would choose another database never passes.
 * Forwarded headers from outside are dropped by the entry point, which trusts nobody.
 */
export function routeConfig(id: NodeId, spec: RouteSpec, addressOf: (node: string) => string): object {
  const key = configKey(id);
  const hosts = spec.hosts.map((host) => `Host(\`${host}\`)`).join(" || ");
  const closed = spec.closedPaths.map((path) => `PathPrefix(\`${path}\`)`).join(" || ");
  const shared = { entryPoints: ["websecure"], tls: {}, service: key };
  const paths = spec.paths.map((path, index) => ({ ...path, key: `${key}-path${index}` }));
  return {
    http: {
      routers: {
        [key]: { ...shared, rule: hosts, priority: 1, middlewares: [`${key}-headers`] },
        ...Object.fromEntries(
          paths.map((path) => [
            path.key,
            {
              ...shared,
              service: path.key,
              rule: `(${hosts}) && PathPrefix(\`${path.prefix}\`)`,
              priority: path.prefix.length + 1,
              middlewares: [`${key}-headers`],
            },
          ]),
        ),
        ...(closed === ""
          ? {}
          : { [`${key}-closed`]: { ...shared, rule: `(${hosts}) && (${closed})`, priority: 10_000, middlewares: [`${key}-closed`] } }),
      },
      middlewares: {
        [`${key}-headers`]: { headers: { customRequestHeaders: { "X-Odoo-Database": "" } } },
        ...(closed === "" ? {} : { [`${key}-closed`]: { ipAllowList: { sourceRange: ["255.255.255.255/32"] } } }),
      },
      services: Object.fromEntries(
        [{ key, node: spec.node, port: spec.port }, ...paths].map((one) => [
          one.key,
          {
            loadBalancer: { servers: [{ url: `http://${addressOf(one.node)}:${one.port}` }], passHostHeader: true, serversTransport: key },
          },
        ]),
      ),
      serversTransports: { [key]: { forwardingTimeouts: { dialTimeout: "5s", responseHeaderTimeout: "180s" } } },
    },
  };
}
