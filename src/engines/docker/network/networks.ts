import { type AnyNode, type NodeId, nodeId, type StackId } from "../../../domain/stack/node.ts";
import { sha256 } from "../../../kernel/canonical.ts";
import { failure } from "../../../kernel/problem.ts";
import { engineCall, tolerating, wordsOf } from "../call.ts";
import type { Found } from "../observe/found.ts";
import { declaredOf, labelsOf, networkAlias, objectName, ownFilter } from "../observe/labels.ts";
import { BOUNDARY, type OwnNetwork, ownContainer, ownNetwork } from "../observe/own-objects.ts";
import type { Scope } from "../scope.ts";
import { join, leave } from "./attachment.ts";
import { freeSubnet } from "./subnets.ts";

export async function lookAtNetworks(scope: Scope, stack: StackId | undefined): Promise<Found> {
  const networks = await engineCall("networks", () => scope.docker.listNetworks({ filters: ownFilter(scope.owner, stack) }));
  const nodes = networks.flatMap((network) => {
    const found = declaredOf(network.Labels ?? {});
    return found === undefined
      ? []
      : [{ ...found, condition: "serving" as const, facts: { network: network.Name, subnet: network.IPAM?.Config?.[0]?.Subnet ?? "" } }];
  });
  return { nodes };
}

/** Makes the network of a boundary, with a small subnet of its own from the declared range. */
export async function makeNetwork(scope: Scope, node: AnyNode & { kind: "boundary" }): Promise<boolean> {
  const found = await ownNetwork(scope, node.id);
  if (found !== undefined) {
    if (declaredOf(found.Labels ?? {})?.hash === labelsOf(scope.owner, node)["ballast.spec"]) return false;
    await dropNetwork(scope, node.id, found);
  }
  const Name = objectName(scope.owner, node.id);
  await createNetwork(scope, node.id, { Name, Internal: node.spec.outward === "none", Labels: labelsOf(scope.owner, node) });
  return true;
}

interface DesiredNetwork {
  readonly Name: string;
  readonly Internal: boolean;
  readonly Labels: Record<string, string>;
  readonly Options?: Record<string, string>;
}

/** Makes a network with a free subnet. Two that are made at once may choose the same one; Docker refuses the second, which then chooses again. */
export async function createNetwork(scope: Scope, id: NodeId, desired: DesiredNetwork): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const subnet = await chooseSubnet(scope, `${id} ${desired.Name}`, attempt);
    try {
      await scope.docker.createNetwork({
        ...desired,
        Driver: "bridge",
        CheckDuplicate: true,
        IPAM: { Driver: "default", Config: [{ Subnet: subnet }] },
      });
      return;
    } catch (error) {
      if (/network with name .* already exists/i.test(wordsOf(error)))
        throw failure("BAL-E006", id, `a network named ${desired.Name} is not ours`, { cause: error });
      if (attempt >= 5 || !/overlaps|Pool overlaps|already exists/i.test(wordsOf(error))) {
        return await engineCall(id, () => Promise.reject(error as Error));
      }
    }
  }
}

async function chooseSubnet(scope: Scope, id: NodeId, attempt: number): Promise<string> {
  const all = await engineCall(id, () => scope.docker.listNetworks());
  const used = all.flatMap((network) =>
    (network.IPAM?.Config ?? []).flatMap((config) => (config.Subnet === undefined ? [] : [config.Subnet])),
  );
  const hint = Number.parseInt(sha256(`${scope.owner.instance} ${id} ${attempt}`).slice(0, 8), 16);
  const range = await scope.subnets();
  const subnet = freeSubnet(range, used, hint);
  if (subnet !== undefined) return subnet;
  throw failure("BAL-E006", id, `no free subnet is left in ${range}`, {
    hint: "remove networks that nobody needs (docker network ls), or declare another range in the Region: spec.engine.docker.subnets",
  });
}

/** Takes the wall down: everybody is disconnected first, since attachments from other stacks may still stand in it. */
export async function removeNetwork(scope: Scope, id: NodeId): Promise<void> {
  await dropNetwork(scope, id, await ownNetwork(scope, id));
}

/**
 * Removes a network of ours, whoever stands in it. Docker asks only whoever runs: one that is stopped would go on naming the network, and could never be
 * started again.
 */
export async function dropNetwork(scope: Scope, id: NodeId, found: OwnNetwork | undefined): Promise<void> {
  if (found === undefined) return;
  const stopped = await engineCall(id, () => scope.docker.listContainers({ all: true, filters: { network: [found.Id] } }));
  for (const container of new Set([...Object.keys(found.Containers ?? {}), ...stopped.map(({ Id }) => Id)]))
    await leave(scope, id, { network: found.Id, container });
  await tolerating(id, [404], () => scope.docker.getNetwork(found.Id).remove());
}

/** Lets a node of another stack into a stack's boundary, under a name of its own; twice is once. */
export async function joinBoundary(scope: Scope, attached: NodeId, stack: StackId): Promise<void> {
  const container = await ownContainer(scope, attached);
  if (container === undefined) throw failure("BAL-E003", attached, "is needed and not there");
  const network = await ownNetwork(scope, nodeId(stack, BOUNDARY));
  if (network === undefined) throw failure("BAL-E003", nodeId(stack, BOUNDARY), "is needed and not there");
  await join(scope, attached, { container, network, aliases: [networkAlias(attached)] });
}
