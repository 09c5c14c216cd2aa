import { readFile } from "node:fs/promises";
import { isIPv4 } from "node:net";
import type Dockerode from "dockerode";
import type { EgressSpec } from "../../../domain/stack/kinds/egress.ts";
import type { StackNode } from "../../../domain/stack/node.ts";
import { engineCall } from "../call.ts";
import { lookAtContainers } from "../containers.ts";
import { ownFilter } from "../labels.ts";
import { OUTWARD_LABEL } from "../outward.ts";
import type { Scope } from "../scope.ts";
import { countsOf, mendingOf, type RuleCount, readChains, removalOf } from "./found.ts";
import { restoreTable, saveTable } from "./iptables.ts";
import { HOOKS, type Wall, wantedChains } from "./rules.ts";

/** Whether the machine's firewall keeps in what stands in our networks; `mended` where something of it was missing. */
export type Closed =
  | { readonly state: "closed"; readonly mended: boolean; readonly counts: readonly RuleCount[] }
  | { readonly state: "unknown"; readonly because: string };

const turns = new Map<string, Promise<unknown>>();

/** Puts the rules of this installation in force, or takes them away with its last network. One at a time: networks are made side by side. */
export async function closeWalls(scope: Scope, egress?: StackNode<"egress">): Promise<Closed> {
  const { instance } = scope.owner;
  const turn = (turns.get(instance) ?? Promise.resolve()).then(() => close(scope, egress));
  const settled = turn.catch(() => undefined);
  turns.set(instance, settled);
  return await turn;
}

async function close(scope: Scope, egress: StackNode<"egress"> | undefined): Promise<Closed> {
  const { instance } = scope.owner;
  const saved = await saveTable();
  if (!saved.ok) return { state: "unknown", because: saved.because };
  const found = readChains(saved.text);
  const walls = await wallsOf(scope, egress);
  if (walls.length > 0 && !found.has(HOOKS.FWD)) {
    return { state: "unknown", because: `there is no chain ${HOOKS.FWD}: the Docker Engine does not set the firewall of this machine` };
  }
  const mending =
    walls.length === 0 ? removalOf(found, instance) : mendingOf(found, instance, wantedChains(instance, walls, await nameServers()));
  if (mending !== undefined) {
    const restored = await restoreTable(mending);
    if (!restored.ok) return { state: "unknown", because: restored.because };
  }
  return { state: "closed", mended: mending !== undefined, counts: countsOf(found, instance) };
}

/** Every network of ours. A proxy that is about to be made says itself where it may go; of the others their containers tell. */
async function wallsOf(scope: Scope, egress: StackNode<"egress"> | undefined): Promise<readonly Wall[]> {
  const networks = await engineCall("networks", () => scope.docker.listNetworks({ filters: ownFilter(scope.owner) }));
  const outward = networks.some((network) => network.Labels?.[OUTWARD_LABEL] !== undefined);
  const ranges = outward ? await rangesOfProxies(scope) : new Map<string, readonly string[]>();
  return networks.map((network): Wall => {
    const bridge = bridgeOf(network);
    const stack = network.Labels?.["ballast.stack"] ?? "";
    const proxy = network.Labels?.[OUTWARD_LABEL];
    if (proxy === undefined) return { bridge, stack, leads: { to: "in" } };
    const own = egress?.id === proxy ? rangesOf(egress.spec) : (ranges.get(proxy) ?? []);
    return { bridge, stack, leads: { to: "out", networks: own } };
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
