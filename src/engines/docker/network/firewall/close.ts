import { readFile } from "node:fs/promises";
import { isIPv4 } from "node:net";
import type Dockerode from "dockerode";
import type { EgressSpec } from "../../../../domain/stack/kinds/egress.ts";
import type { StackNode } from "../../../../domain/stack/node.ts";
import { engineCall } from "../../call.ts";
import { lookAtContainers } from "../../container/containers.ts";
import { ownFilter } from "../../observe/labels.ts";
import type { Scope } from "../../scope.ts";
import { OUTWARD_LABEL } from "../egress/outward.ts";
import { formerChains } from "./former-chains.ts";
import { listingOf, listTable, transact } from "./nft.ts";
import { type Met, readCounterName, type Table, tableName, type Wall, wantedTable } from "./rules.ts";
import { definitionOf, differences, type Listing, removalOf, transactionTo } from "./table.ts";

/** Whether the machine's firewall keeps in what stands in our networks, and what of it was otherwise than wanted until now. */
export type Closed =
  | { readonly state: "closed"; readonly repaired: readonly string[]; readonly counts: readonly RuleCount[] }
  | { readonly state: "unknown"; readonly because: string };

/** One counter that tells of tries, with how many packets it met since it was made. */
export interface RuleCount {
  readonly stack: string;
  readonly bridge: string;
  readonly met: Met;
  readonly packets: number;
}

const turns = new Map<string, Promise<unknown>>();
/** What nft tells of the table that was wanted last, so that it is asked once for each change. */
const references = new Map<string, { readonly definition: string; readonly listing: Listing }>();
const former = formerChains();

/** Puts the rules of this installation in force, or takes them away with its last network. One at a time: networks are made side by side. */
export async function closeNetworks(scope: Scope, egress?: StackNode<"egress">): Promise<Closed> {
  const { instance } = scope.owner;
  const turn = (turns.get(instance) ?? Promise.resolve()).then(() => close(scope, egress));
  const settled = turn.catch(() => undefined);
  turns.set(instance, settled);
  return await turn;
}

async function close(scope: Scope, egress: StackNode<"egress"> | undefined): Promise<Closed> {
  const { instance } = scope.owner;
  const walls = await networksOf(scope, egress);
  const found = await listTable(tableName(instance));
  if (!found.ok) return { state: "unknown", because: found.because };
  const closed = walls.length === 0 ? await open(instance, found.listing) : await enforce(instance, walls, found.listing);
  // Only once the new rules stand are the old ones taken away.
  return closed.state === "closed" && (await former.remove(instance)) ? { ...closed, repaired: [] } : closed;
}

async function open(instance: string, found: Listing | undefined): Promise<Closed> {
  references.delete(instance);
  const removed = found === undefined ? undefined : await transact(removalOf(tableName(instance)));
  if (removed?.ok === false) return { state: "unknown", because: removed.because };
  return { state: "closed", repaired: [], counts: [] };
}

async function enforce(instance: string, walls: readonly Wall[], found: Listing | undefined): Promise<Closed> {
  const table = wantedTable(instance, walls, await nameServers());
  const wanted = await referenceOf(instance, table);
  if (!wanted.ok) return { state: "unknown", because: wanted.because };
  const repaired = differences(found, wanted.listing);
  if (repaired.length > 0) {
    const made = await transact(transactionTo(table, found, wanted.listing));
    if (!made.ok) return { state: "unknown", because: made.because };
  }
  return { state: "closed", repaired, counts: countsOf(found, walls) };
}

async function referenceOf(
  instance: string,
  table: Table,
): Promise<{ readonly ok: true; readonly listing: Listing } | { readonly ok: false; readonly because: string }> {
  const definition = definitionOf(table);
  const known = references.get(instance);
  if (known?.definition === definition) return { ok: true, listing: known.listing };
  const told = await listingOf(table.name, definition);
  if (!told.ok) return told;
  if (told.listing === undefined) return { ok: false, because: "nft does not tell of a table that it made" };
  references.set(instance, { definition, listing: told.listing });
  return { ok: true, listing: told.listing };
}

/** The tries at each network that is there. */
function countsOf(found: Listing | undefined, walls: readonly Wall[]): readonly RuleCount[] {
  const stacks = new Map(walls.map(({ bridge, stack }) => [bridge, stack]));
  return [...(found?.counters ?? [])].flatMap(([name, { packets }]) => {
    const counter = readCounterName(name);
    const stack = counter === undefined ? undefined : stacks.get(counter.bridge);
    return counter === undefined || stack === undefined ? [] : [{ stack, ...counter, packets }];
  });
}

/** Every network of ours. A proxy that is about to be made says itself where it may go; of the others their containers tell. */
async function networksOf(scope: Scope, egress: StackNode<"egress"> | undefined): Promise<readonly Wall[]> {
  const networks = await engineCall("networks", () => scope.docker.listNetworks({ filters: ownFilter(scope.owner) }));
  const outward = networks.some((network) => network.Labels?.[OUTWARD_LABEL] !== undefined);
  const ranges = outward ? await rangesOfProxies(scope) : new Map<string, readonly string[]>();
  return networks.map((network): Wall => {
    const stack = network.Labels?.["ballast.stack"] ?? "";
    const wall = { bridge: bridgeOf(network), stack, subnet: network.IPAM?.Config?.[0]?.Subnet };
    const proxy = network.Labels?.[OUTWARD_LABEL];
    if (proxy === undefined) return { ...wall, leads: { to: "in" } };
    const own = egress?.id === proxy ? rangesOf(egress.spec) : (ranges.get(proxy) ?? []);
    return { ...wall, leads: { to: "out", networks: own } };
  });
}

async function rangesOfProxies(scope: Scope): Promise<ReadonlyMap<string, readonly string[]>> {
  const { nodes } = await lookAtContainers(scope, undefined);
  const proxies = nodes.filter(({ declared }) => declared.kind === "egress");
  return new Map(proxies.map(({ declared }) => [declared.id, rangesOf(declared.spec as EgressSpec)]));
}

function rangesOf({ allow }: EgressSpec): readonly string[] {
  return [...new Set(allow.flatMap((one) => one.networks))].sort();
}

function bridgeOf({ Id, Options }: Dockerode.NetworkInspectInfo): string {
  return Options?.["com.docker.network.bridge.name"] ?? `br-${Id.slice(0, 12)}`;
}

/** The name servers of the machine that lie outside of a container; those on loopback the Docker Engine asks itself. */
async function nameServers(): Promise<readonly string[]> {
  const text = await readFile("/etc/resolv.conf", "utf8").catch(() => "");
  const servers = text.split("\n").flatMap((line) => /^nameserver\s+(\S+)/.exec(line)?.[1] ?? []);
  return [...new Set(servers)].filter((one) => isIPv4(one) && !one.startsWith("127.")).sort();
}
