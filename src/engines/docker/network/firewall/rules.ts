import { INWARD } from "../egress/squid-config.ts";

/** A network of ours, as the firewall sees it. */
export interface Wall {
  readonly bridge: string;
  readonly stack: string;
  /** The addresses of it, as CIDR; undefined where Docker tells of none. */
  readonly subnet: string | undefined;
  /** `in`: nobody inside may open a connection beyond it. `out`: a proxy stands in it, which may go outside and to these private ranges. */
  readonly leads: { readonly to: "in" } | { readonly to: "out"; readonly networks: readonly string[] };
}

/** What was tried, told by the rule that met it: the machine itself, beyond an inner network, or a private address from an outer one. */
export type Met = "machine" | "outside" | "private";

const FILTERS = ["input", "forward", "output"] as const;
/** The chains of our table, each at the hook of its name. */
export const CHAINS = ["prerouting", ...FILTERS] as const;
export type ChainName = (typeof CHAINS)[number];

/** One rule: what it matches and what then happens, both in the words of nft; the packets that it met are added to `counter`. */
export interface Rule {
  readonly chain: ChainName;
  readonly match: string;
  readonly counter?: string;
  readonly verdict: string;
}

/** Everything of ours that the machine's firewall holds. */
export interface Table {
  readonly name: string;
  readonly rules: readonly Rule[];
}

export const ACCEPT = "accept";
/** Refused at once and in words, so that nobody waits for a time-out. */
export const REFUSE = "reject with icmpx type admin-prohibited";

export function tableName(instance: string): string {
  return `ballast_${instance}`;
}

const COUNTER_NAME = /^(\S+)_(machine|outside|private)$/;

export function counterName(bridge: string, met: Met): string {
  return `${bridge}_${met}`;
}

/** What a counter of ours counts; undefined for the name of another. */
export function readCounterName(name: string): { readonly bridge: string; readonly met: Met } | undefined {
  const [, bridge, met] = COUNTER_NAME.exec(name) ?? [];
  return bridge === undefined ? undefined : { bridge, met: met as Met };
}

function counted(chain: ChainName, { bridge }: Wall, met: Met, match: string): Rule {
  return { chain, match, counter: counterName(bridge, met), verdict: REFUSE };
}

/** A proxy asks the name servers of the machine, wherever they are. */
function nameServerRules(chain: ChainName, bridge: string, servers: readonly string[]): readonly Rule[] {
  return servers.flatMap((server) =>
    ["udp", "tcp"].map((protocol) => ({ chain, match: `iifname "${bridge}" ip daddr ${server} ${protocol} dport 53`, verdict: ACCEPT })),
  );
}

/**
 * What stays in one network takes no place in the machine's table of connections: code in a container could fill it in seconds, for everybody. So none of the
 * rules that ask for the state of a connection may be about it. What is for many at once nobody here listens to.
 */
function untrackedRules({ bridge, subnet }: Wall): readonly Rule[] {
  const [chain, from] = ["prerouting" as const, `iifname "${bridge}"`];
  if (subnet === undefined) return [];
  return [
    ...["broadcast", "multicast"].map((many) => ({ chain, match: `${from} meta nfproto ipv4 fib daddr type ${many}`, verdict: "drop" })),
    { chain, match: `${from} ip saddr ${subnet} ip daddr ${subnet} fib daddr type unicast`, verdict: "notrack" },
  ];
}

/**
 * Nothing that comes from a network of ours reaches the machine itself; answers to what the machine asked were let through before. Docker forgets the
 * connections of a container whenever it joins a network, so what goes on in the middle of one is let through too: only a SYN begins anything.
 */
function inputRules(wall: Wall, servers: readonly string[]): readonly Rule[] {
  const from = `iifname "${wall.bridge}"`;
  return [
    { chain: "input", match: `${from} ct state invalid`, verdict: "drop" },
    { chain: "input", match: `${from} tcp flags & (fin | syn | rst | ack) != syn`, verdict: ACCEPT },
    ...(wall.leads.to === "out" ? nameServerRules("input", wall.bridge, servers) : []),
    counted("input", wall, "machine", from),
  ];
}

/** Nothing leaves an inner network. */
function leavingRules(wall: Wall): readonly Rule[] {
  if (wall.leads.to === "out") return [];
  return [counted("forward", wall, "outside", `iifname "${wall.bridge}" oifname != "${wall.bridge}" ct state new`)];
}

/** Nobody enters a network from another one, but by a port that is published. */
function enteringRules({ bridge }: Wall): readonly Rule[] {
  return [{ chain: "forward", match: `iifname != "${bridge}" oifname "${bridge}" ct state new ct status & dnat == 0`, verdict: REFUSE }];
}

/** A proxy goes outside, but not to what is nobody's outside. */
function proxyRules(wall: Wall, servers: readonly string[]): readonly Rule[] {
  const { bridge, leads } = wall;
  if (leads.to === "in") return [];
  const from = `iifname "${bridge}"`;
  return [
    ...nameServerRules("forward", bridge, servers),
    ...leads.networks.map((range): Rule => ({ chain: "forward", match: `${from} ip daddr ${range}`, verdict: ACCEPT })),
    ...INWARD.map((range) => counted("forward", wall, "private", `${from} ip daddr ${range} ct state new`)),
    { chain: "forward", match: `${from} meta nfproto ipv6`, verdict: REFUSE },
  ];
}

/** Only root opens connections from the machine to containers. */
function outputRules({ bridge }: Wall): readonly Rule[] {
  return [
    { chain: "output", match: `oifname "${bridge}" meta skuid 0`, verdict: ACCEPT },
    { chain: "output", match: `oifname "${bridge}" ct state new`, verdict: REFUSE },
  ];
}

/** First of all, so that only the first packet of a connection goes through the list; what came by a published port was let in there. */
const ANSWERS: readonly Rule[] = [
  ...FILTERS.map((chain): Rule => ({ chain, match: "ct state established,related", verdict: ACCEPT })),
  { chain: "output", match: "ct status dnat", verdict: ACCEPT },
];

/** The table of an installation, from its networks. */
export function wantedTable(instance: string, walls: readonly Wall[], servers: readonly string[]): Table {
  const inOrder = [...walls].sort((a, b) => (a.bridge < b.bridge ? -1 : 1));
  const rules = [
    ...inOrder.flatMap(untrackedRules),
    ...ANSWERS,
    ...inOrder.flatMap((wall) => inputRules(wall, servers)),
    ...inOrder.flatMap(leavingRules),
    ...inOrder.flatMap(enteringRules),
    ...inOrder.flatMap((wall) => proxyRules(wall, servers)),
    ...inOrder.flatMap(outputRules),
  ];
  return { name: tableName(instance), rules };
}
