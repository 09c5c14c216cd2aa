import type { AnyNode, NodeId, StackId } from "../../domain/stack/node.ts";
import { nodeId, stackOf } from "../../domain/stack/node.ts";
import { sha256 } from "../../kernel/canonical.ts";
import { failure } from "../../kernel/problem.ts";
import { engineCall, orAbsent, tolerating, wordsOf } from "./call.ts";
import type { Found } from "./found.ts";
import { declaredOf, labelsOf, networkAlias, objectName, ownFilter } from "./labels.ts";
import type { Scope } from "./scope.ts";
import { freeSubnet } from "./subnets.ts";

/** The name that every stack's boundary has; engines find the wall of a stack by it. */
export const BOUNDARY = "boundary";

export function boundaryName(scope: Scope, stack: StackId): string {
  return objectName(scope.owner, nodeId(stack, BOUNDARY));
}

export async function lookAtNetworks(scope: Scope, stack: StackId | undefined): Promise<Found> {
  const networks = await engineCall("networks", () => scope.docker.listNetworks({ filters: ownFilter(scope.owner, stack) }));
  const nodes = networks.flatMap((network) => {
    const found = declaredOf(network.Labels ?? {});
    return found === undefined
      ? []
      : [{ ...found, condition: "serving" as const, facts: { subnet: network.IPAM?.Config?.[0]?.Subnet ?? "" } }];
  });
  return { nodes };
}

/** Makes the network of a boundary, with a small subnet of its own from the declared range. */
export async function makeNetwork(scope: Scope, node: AnyNode & { kind: "boundary" }): Promise<boolean> {
  const name = boundaryName(scope, stackOf(node.id));
  const found = await orAbsent(
    node.id,
    () => scope.docker.getNetwork(name).inspect() as Promise<{ Labels?: Record<string, string>; Internal: boolean }>,
  );
  if (found !== undefined) {
    if (declaredOf(found.Labels ?? {})?.hash === labelsOf(scope.owner, node)["ballast.spec"]) return false;
    if (found.Labels?.["ballast.instance"] !== scope.owner.instance)
      throw failure("BAL-E006", node.id, `a network named ${name} is not ours`);
    await removeNetwork(scope, node.id);
  }
  await createNetwork(scope, node.id, { Name: name, Internal: node.spec.outward === "none", Labels: labelsOf(scope.owner, node) });
  return true;
}

interface NetworkWish {
  readonly Name: string;
  readonly Internal: boolean;
  readonly Labels: Record<string, string>;
  readonly Options?: Record<string, string>;
}

/** Makes a network with a free subnet. Two that are made at once may choose the same one; Docker refuses the second, which then chooses again. */
export async function createNetwork(scope: Scope, id: NodeId, wish: NetworkWish): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const subnet = await chooseSubnet(scope, `${id} ${wish.Name}`, attempt);
    try {
      await scope.docker.createNetwork({
        ...wish,
        Driver: "bridge",
        CheckDuplicate: true,
        IPAM: { Driver: "default", Config: [{ Subnet: subnet }] },
      });
      return;
    } catch (error) {
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

/** Takes the wall down: everybody is disconnected first, since guests from other stacks may still stand in it. */
export async function removeNetwork(scope: Scope, id: NodeId): Promise<void> {
  await dropNetwork(scope, id, boundaryName(scope, stackOf(id)));
}

/** Removes a network of ours by its name, whoever stands in it. */
export async function dropNetwork(scope: Scope, id: NodeId, name: string): Promise<void> {
  const network = scope.docker.getNetwork(name);
  const found = await orAbsent(id, () => network.inspect() as Promise<{ Containers?: Record<string, unknown> }>);
  if (found === undefined) return;
  for (const container of Object.keys(found.Containers ?? {})) {
    await tolerating(id, [404], () => network.disconnect({ Container: container, Force: true }));
  }
  await tolerating(id, [404], () => network.remove());
}

/** Lets a running node of another stack into a stack's boundary, under a name of its own; twice is once. */
export async function joinBoundary(scope: Scope, guest: NodeId, stack: StackId): Promise<void> {
  const name = boundaryName(scope, stack);
  const container = objectName(scope.owner, guest);
  const found = await orAbsent(guest, () => scope.docker.getContainer(container).inspect());
  if (found === undefined) throw failure("BAL-E003", guest, "is needed and not there");
  if (found.NetworkSettings.Networks[name] !== undefined) return;
  await tolerating(guest, [403], () =>
    scope.docker.getNetwork(name).connect({ Container: found.Id, EndpointConfig: { Aliases: [networkAlias(guest)] } }),
  );
}
