import type Dockerode from "dockerode";
import { carriesTraffic } from "../../../domain/stack/edge.ts";
import type { AnyNode, NodeId, Stack, StackId } from "../../../domain/stack/node.ts";
import { nodeId, stackOf } from "../../../domain/stack/node.ts";
import type { Edit, ObservedNode, Seen } from "../../../domain/stack/observation.ts";
import { orAbsent } from "../call.ts";
import { listContainers } from "../container/containers.ts";
import { editsOf } from "../container/made-from.ts";
import { crashingOf } from "../container/restarts.ts";
import { ingressFileEdits } from "../ingress/ingress-files.ts";
import { gatewayOf } from "../network/default-route.ts";
import { outwardOf } from "../network/egress/outward.ts";
import { egressFacts } from "../network/no-route.ts";
import { strayNetworks } from "../network/stray-networks.ts";
import type { Scope } from "../scope.ts";
import { isOwnName, objectName } from "./labels.ts";
import { BOUNDARY } from "./own-objects.ts";
import { answersNow, askedAgain } from "./steady.ts";

/** The containers that stand in a network now: id → name; undefined when there is no such network. */
async function attachmentsOf(scope: Scope, network: string): Promise<ReadonlyMap<string, string> | undefined> {
  const found = await orAbsent(
    network,
    () => scope.docker.getNetwork(network).inspect() as Promise<{ Containers?: Record<string, { Name: string }> }>,
  );
  return found && new Map(Object.entries(found.Containers ?? {}).map(([id, one]) => [id, one.Name]));
}

/** Every container of ours by stack, listed once for all that is looked at together. */
export type Listed = ReadonlyMap<StackId, readonly Dockerode.ContainerInfo[]>;

export async function listOwn(scope: Scope): Promise<Listed> {
  return Map.groupBy(await listContainers(scope), (one) => one.Labels["ballast.stack"] ?? "");
}

/** Looks at what was changed by hand: limits, files and networks of every container of a stack, and strangers behind its wall. */
export async function compareContainers(scope: Scope, stack: Stack, nodes: Map<NodeId, Seen<ObservedNode>>, listed: Listed): Promise<void> {
  const containers = listed.get(stack.id) ?? [];
  const wall = networkOf(scope, stack.id, nodes);
  const outward = containers.some((one) => one.Labels["ballast.kind"] === "egress") ? (await outwardOf(scope, stack.id))?.Name : undefined;
  const servers = networksOfServers(stack, listed);
  await Promise.all(
    containers.map(async (one) => {
      const id = one.Labels["ballast.node"];
      const observation = id === undefined ? undefined : nodes.get(id);
      if (id === undefined || observation?.state !== "present") return;
      const found = await orAbsent(id, () => scope.docker.getContainer(one.Id).inspect());
      if (found === undefined) return;
      const wanted = stack.nodes.find((node) => node.id === id);
      const edits = [
        ...(await editsOf(observation.value.declared.kind, found)),
        ...ownNetwork(stack.id, found.NetworkSettings.Networks[wall]),
        ...(observation.value.declared.kind === "egress" ? await wayOut(outward, found) : []),
        ...(observation.value.declared.kind === "ingress" ? await ingressFileEdits(scope) : []),
        ...(found.State.Running ? unreached(wanted, wall, servers) : []),
        ...(found.State.Running ? strays(await strayNetworks(scope, id, found)) : []),
      ];
      const { failing: crashing, ...ends } = await crashingOf(found, scope.now(), () => answersNow(scope, found));
      const said = await askedAgain(scope, found, observation.value);
      const failing = said.condition === "serving" ? { ...crashing, ...cutOff(found, wall) } : {};
      const facts = { ...said.facts, ...ends, ...(await egressFacts(found, wall)) };
      nodes.set(id, { ...observation, value: { ...said, ...failing, facts, ...(edits.length > 0 ? { edits } : {}) } });
    }),
  );
  nameCutRoutes(stack, wall, servers, nodes);
  const ours = new Set([...listed.values()].flat().map((one) => one.Id));
  const attachments = [...((await attachmentsOf(scope, wall)) ?? [])].filter(([id]) => !ours.has(id)).map(([, name]) => name);
  nameStrangers(scope, stack, attachments, nodes);
}

/** The network round a stack, by the name that it has; by the one that it would get where there is none. */
function networkOf({ owner }: Scope, stack: StackId, nodes: ReadonlyMap<NodeId, Seen<ObservedNode>>): string {
  const id = nodeId(stack, BOUNDARY);
  const observation = nodes.get(id);
  return String((observation?.state === "present" ? observation.value.facts["network"] : undefined) ?? objectName(owner, id));
}

/** A route has no container, yet its ingress must stand behind this stack's wall to reach what it leads to. */
function nameCutRoutes(
  stack: Stack,
  wall: string,
  servers: ReadonlyMap<NodeId, ReadonlySet<string>>,
  nodes: Map<NodeId, Seen<ObservedNode>>,
): void {
  for (const node of stack.nodes) {
    const observation = nodes.get(node.id);
    if (node.kind !== "route" || observation?.state !== "present") continue;
    const edits = unreached(node, wall, servers);
    if (edits.length > 0) nodes.set(node.id, { ...observation, value: { ...observation.value, edits } });
  }
}

/** It runs, and serves nobody: to put it back closes nothing, so no window is waited for. */
const CUT_OFF = { condition: "failing", because: "runs, and is cut off from its network" } as const;

function cutOff(found: Dockerode.ContainerInspectInfo, wall: string): Partial<typeof CUT_OFF> {
  return found.NetworkSettings.Networks[wall] === undefined ? CUT_OFF : {};
}

/** A container knows its own networks also while it restarts, when the network does not count it among its attachments. */
function ownNetwork(stack: StackId, attached: object | undefined): readonly Edit[] {
  return attached === undefined ? [{ field: "network", made: stack, found: "taken out of it", repair: "remake" }] : [];
}

/** Whether a proxy stands in its outward network, and goes out by it: where it stands in another that leads outside too, Docker may take that one. */
async function wayOut(outward: string | undefined, found: Dockerode.ContainerInspectInfo): Promise<readonly Edit[]> {
  const standing = outward === undefined ? undefined : found.NetworkSettings.Networks[outward];
  const otherwise = (words: string): Edit => ({ field: "egress", made: "outward network", found: words, repair: "remake" });
  if (standing === undefined) return [otherwise("taken out of it")];
  const gateway = await gatewayOf(found);
  if (gateway === undefined || standing.Gateway === "" || gateway === standing.Gateway) return [];
  return [otherwise("another network")];
}

function strays(names: readonly string[]): readonly Edit[] {
  return names.map((found): Edit => ({ field: "a network that it has no business in", made: undefined, found, repair: "live" }));
}

/** Servers of other stacks that a container needs and that stand outside this stack's wall. */
function unreached(wanted: AnyNode | undefined, wall: string, servers: ReadonlyMap<NodeId, ReadonlySet<string>>): readonly Edit[] {
  const needed = (wanted?.uses ?? []).filter((edge) => carriesTraffic(edge.as));
  const lost = needed.filter((edge) => servers.get(edge.to)?.has(wall) === false);
  return lost.map((edge): Edit => ({ field: `reach of ${edge.to}`, made: edge.as, found: "cut off", repair: "live" }));
}

/** The networks of those servers of other stacks that run: one that does not is its own stack's trouble. */
function networksOfServers(stack: Stack, listed: Listed): ReadonlyMap<NodeId, ReadonlySet<string>> {
  const used = stack.nodes.flatMap((node) => node.uses.flatMap((edge) => (carriesTraffic(edge.as) ? [stackOf(edge.to)] : [])));
  const stacks = [...new Set(used)].filter((one) => one !== stack.id);
  const others = stacks.flatMap((one) => listed.get(one) ?? []).filter(({ State }) => State === "running");
  return new Map(others.map((one) => [one.Labels["ballast.node"] ?? "", new Set(Object.keys(one.NetworkSettings.Networks))]));
}

/** What stands behind our wall and is not ours is said and never touched. Ours are known by their labels, whatever they are called now, and jobs by their names. */
function nameStrangers(scope: Scope, stack: Stack, others: readonly string[], nodes: Map<NodeId, Seen<ObservedNode>>): void {
  const boundary = `${stack.id}/${BOUNDARY}`;
  const observation = nodes.get(boundary);
  if (observation?.state !== "present") return;
  const edits = others
    .filter((name) => !isOwnName(scope.owner, name))
    .sort()
    .map((name): Edit => ({ field: "a container that is not ours stands in it", made: undefined, found: name, repair: "report" }));
  if (edits.length > 0) nodes.set(boundary, { ...observation, value: { ...observation.value, edits } });
}
