import { KEPT_BACK } from "../../../domain/blueprint/connections.ts";
import { type AnyNode, isShared, stackOf } from "../../../domain/stack/node.ts";
import { INGRESS_PORT } from "../ingress/ingress-config.ts";
import { POOLER_PORT } from "../postgres/pooler-restart.ts";
import { POSTGRES_PORT } from "../postgres/servers.ts";
import { REDIS_PORT } from "../redis/redis-users.ts";
import { PREFIX } from "./subnets.ts";

/** What one network of those whom a shared server serves may have of it. */
export interface SourceLimits {
  readonly port: number;
  /** Connections at once, signed in or not. */
  readonly connections: number;
  /** New ones a second, once as many as may come at once have come. */
  readonly perSecond: number;
}

/** The ingress opens connections into the networks of environments, and none of them opens one to it: people come by the port that is published for it. */
export interface PublishedLimits {
  readonly publishedPort: number;
  /** Connections at once of one address: each takes some 40 KiB of the ingress, and up to 32 KiB more for its headers. */
  readonly connections: number;
}

export type Admitted = SourceLimits | PublishedLimits;

/** An office of hundreds behind one address, with a connection or two for each browser. */
const OF_ONE_CLIENT = 1000;

/** Sockets that are about to sign in, or about to close, beside those that are in use. */
const IN_PASSING = 32;

/** Who may connect to a server that several stacks share; undefined for any other node. */
export function admittedTo({ id, kind, spec }: Pick<AnyNode, "id" | "kind" | "spec">): Admitted | undefined {
  if (kind === "ingress") return { publishedPort: INGRESS_PORT, connections: OF_ONE_CLIENT };
  if (!isShared(stackOf(id))) return undefined;
  const node = { kind, spec } as AnyNode;
  if (node.kind === "postgres") {
    // Half of the places: what goes past the pooler is far less, and the others still come in.
    const places = Number(node.spec.settings["max_connections"] ?? 100) - KEPT_BACK;
    return { port: POSTGRES_PORT, connections: Math.max(8, Math.floor(places / 2)), perSecond: 20 };
  }
  if (node.kind === "pooler") {
    const ofOneRole = node.spec.clientsPerRole ?? Math.floor(node.spec.maxClients / 4);
    return { port: POOLER_PORT, connections: ofOneRole + IN_PASSING, perSecond: 100 };
  }
  return node.kind === "redis" ? { port: REDIS_PORT, connections: 200, perSecond: 100 } : undefined;
}

/**
 * The rules inside a shared server's own network namespace, for `iptables-restore`: there they see every packet, whatever the machine's bridges hand on, and
 * nothing that runs in the container may change them. All networks of ours have the same size, so that one rule counts each of them by itself. What is for its
 * address in its own network comes from its own stack or from the machine, and is not limited; what is neither that nor its service is dropped, since every
 * packet that is let in takes room in a table.
 */
export function sourceRules(own: string, admitted: Admitted): string {
  return [
    "*filter",
    ":INPUT DROP [0:0]",
    ":FORWARD DROP [0:0]",
    ":OUTPUT ACCEPT [0:0]",
    "-A INPUT -i lo -j ACCEPT",
    // What comes by a published port has the address of whoever sent it; from the machine itself it has the machine's.
    ...("publishedPort" in admitted ? publishedRules(admitted) : []),
    `-A INPUT -d ${own} -j ACCEPT`,
    ...("publishedPort" in admitted ? [] : serviceRules(admitted)),
    "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    "COMMIT",
    "",
  ].join("\n");
}

function publishedRules({ publishedPort, connections }: PublishedLimits): readonly string[] {
  const begins = `-A INPUT -p tcp -m tcp --dport ${publishedPort} --tcp-flags FIN,SYN,RST,ACK SYN`;
  return [
    `${begins} -m connlimit --connlimit-above ${connections} --connlimit-mask 32 --connlimit-saddr -j REJECT --reject-with tcp-reset`,
  ];
}

function serviceRules({ port, connections, perSecond }: SourceLimits): readonly string[] {
  const begins = `-A INPUT -p tcp -m tcp --dport ${port} --tcp-flags FIN,SYN,RST,ACK SYN`;
  const rate = `--hashlimit-above ${perSecond}/sec --hashlimit-burst ${connections} --hashlimit-mode srcip --hashlimit-srcmask ${PREFIX}`;
  return [
    `${begins} -m connlimit --connlimit-above ${connections} --connlimit-mask ${PREFIX} --connlimit-saddr -j REJECT --reject-with tcp-reset`,
    // Not refused: whoever comes too fast comes again a second later.
    `${begins} -m hashlimit ${rate} --hashlimit-name ballast -j DROP`,
    `-A INPUT -p tcp -m tcp --dport ${port} -j ACCEPT`,
  ];
}
