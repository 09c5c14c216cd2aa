import { sha256 } from "../../../kernel/canonical.ts";
import { INWARD } from "../squid-config.ts";

/** A network of ours, as the firewall sees it. */
export interface Wall {
  readonly bridge: string;
  readonly stack: string;
  /** `in`: nobody inside may open a connection beyond it. `out`: a proxy stands in it, which may go outside and to these private ranges. */
  readonly leads: { readonly to: "in" } | { readonly to: "out"; readonly networks: readonly string[] };
}

/** What was tried, told by the rule that met it: the machine itself, beyond an inner network, or a private address from an outer one. */
export type Met = "machine" | "outside" | "private";

/** Chain → the built-in chain that asks it first, or Docker's own for its users. */
export const HOOKS = { IN: "INPUT", FWD: "DOCKER-USER", OUT: "OUTPUT" } as const;
export type Part = keyof typeof HOOKS;

export function chainName(instance: string, part: Part): string {
  return `BALLAST-${instance}-${part}`;
}

/** One rule of a chain of ours, without the chain. `counts` is the comment of those whose counter tells of a try. */
export interface Rule {
  readonly text: string;
  readonly counts?: string;
}

/** First of all, so that only the first packet of a connection goes through the list; what came by a published port was let in there. */
const ANSWERS: Readonly<Record<Part, string>> = {
  IN: "-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN",
  FWD: "-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN",
  OUT: "-m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j RETURN",
};
const REFUSE = "-j REJECT --reject-with icmp-admin-prohibited";

function counted(wall: Wall, met: Met, text: string): Rule {
  const counts = `ballast ${wall.stack} ${wall.bridge} ${met}`;
  return { text: `${text} -m comment --comment "${counts}" ${REFUSE}`, counts };
}

/** A proxy asks the name servers of the machine, wherever they are. */
function nameServerRules(bridge: string, servers: readonly string[]): readonly Rule[] {
  return servers.flatMap((server) =>
    ["udp", "tcp"].map((protocol) => ({ text: `-d ${server}/32 -i ${bridge} -p ${protocol} -m ${protocol} --dport 53 -j RETURN` })),
  );
}

/**
 * Nothing that comes from a network of ours reaches the machine itself; answers to what the machine asked were let through before. Docker forgets the
 * connections of a container whenever it joins a network, so what goes on in the middle of one is let through too: only a SYN begins anything.
 */
function inputRules(wall: Wall, servers: readonly string[]): readonly Rule[] {
  const { bridge, leads } = wall;
  return [
    { text: `-i ${bridge} -m conntrack --ctstate INVALID -j DROP` },
    { text: `-i ${bridge} -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -j RETURN` },
    ...(leads.to === "out" ? nameServerRules(bridge, servers) : []),
    counted(wall, "machine", `-i ${bridge}`),
  ];
}

/** Nothing leaves a network of ours, but through that of a proxy, and from there not to what is nobody's outside. */
function forwardRules(wall: Wall, servers: readonly string[]): readonly Rule[] {
  const { bridge, leads } = wall;
  if (leads.to === "in") return [counted(wall, "outside", `-i ${bridge} ! -o ${bridge} -m conntrack --ctstate NEW`)];
  return [
    ...nameServerRules(bridge, servers),
    ...leads.networks.map((range) => ({ text: `-d ${range} -i ${bridge} -j RETURN` })),
    ...INWARD.map((range) => counted(wall, "private", `-d ${range} -i ${bridge} -m conntrack --ctstate NEW`)),
  ];
}

/** Only root opens connections from the machine to containers. */
function outputRules({ bridge }: Wall): readonly Rule[] {
  return [{ text: `-o ${bridge} -m owner --uid-owner 0 -j RETURN` }, { text: `-o ${bridge} -m conntrack --ctstate NEW ${REFUSE}` }];
}

/** The chains of an installation. Each begins with a rule that does nothing and carries the hash of the others: so the next look knows them again. */
export function wantedChains(
  instance: string,
  walls: readonly Wall[],
  servers: readonly string[],
): Readonly<Record<Part, readonly Rule[]>> {
  const inOrder = [...walls].sort((a, b) => (a.bridge < b.bridge ? -1 : 1));
  const chain = (part: Part, rules: readonly Rule[]): readonly Rule[] => {
    const all = [{ text: ANSWERS[part] }, ...rules];
    const hash = sha256(all.map((rule) => rule.text).join("\n")).slice(0, 16);
    return [{ text: `-m comment --comment "ballast.instance=${instance} ${hash}"` }, ...all];
  };
  return {
    IN: chain(
      "IN",
      inOrder.flatMap((wall) => inputRules(wall, servers)),
    ),
    FWD: chain(
      "FWD",
      inOrder.flatMap((wall) => forwardRules(wall, servers)),
    ),
    OUT: chain("OUT", inOrder.flatMap(outputRules)),
  };
}
