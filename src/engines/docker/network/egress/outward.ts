import { type NodeId, nodeId, type StackId, stackOf } from "../../../../domain/stack/node.ts";
import { failure } from "../../../../kernel/problem.ts";
import { engineCall, orAbsent } from "../../call.ts";
import { objectName } from "../../observe/labels.ts";
import { BOUNDARY, type OwnNetwork, ownContainer, ownNetwork } from "../../observe/own-objects.ts";
import type { Ownership, Scope } from "../../scope.ts";
import { join } from "../attachment.ts";
import { createNetwork, dropNetwork } from "../networks.ts";

/** Says of a network that it leads outside, and whose proxy stands in it. */
export const OUTWARD_LABEL = "ballast.outward";

/** The network through which the proxy of a stack goes out, and in which nothing else stands. */
export async function outwardOf(scope: Scope, stack: StackId): Promise<OwnNetwork | undefined> {
  const filters = { label: [`ballast.instance=${scope.owner.instance}`, `ballast.stack=${stack}`, OUTWARD_LABEL] };
  const [found] = await engineCall(stack, () => scope.docker.listNetworks({ filters }));
  return found as OwnNetwork | undefined;
}

/**
 * Sorts before the name of every stack's own network: of the networks of a container that lead outside, Docker takes the one whose name comes first for
 * whatever is for none of them. The network round an ingress leads outside too, and through that one the firewall lets nothing out.
 */
export function outwardName(owner: Ownership, stack: StackId): string {
  return objectName(owner, `0-outward/${stack}`);
}

/** Makes the network of a proxy unless it is there. It belongs to the proxy, so it carries no declaration of its own. */
export async function makeOutward(scope: Scope, proxy: NodeId): Promise<void> {
  const stack = stackOf(proxy);
  const found = await outwardOf(scope, stack);
  if (found !== undefined && (await comesFirst(scope, stack, found))) return;
  await dropOutward(scope, proxy);
  await createNetwork(scope, proxy, {
    Name: outwardName(scope.owner, stack),
    Internal: false,
    // Whoever else were put into it could not reach the proxy from there.
    Options: { "com.docker.network.bridge.enable_icc": "false" },
    Labels: {
      "ballast.fleet": scope.owner.fleet,
      "ballast.instance": scope.owner.instance,
      "ballast.stack": stack,
      [OUTWARD_LABEL]: proxy,
    },
  });
}

/** False of one that an older version made beside a network that leads outside too: it would not be taken. */
async function comesFirst(scope: Scope, stack: StackId, { Name }: OwnNetwork): Promise<boolean> {
  const inner = await ownNetwork(scope, nodeId(stack, BOUNDARY));
  return inner === undefined || inner.Internal === true || Name < inner.Name || Name === outwardName(scope.owner, stack);
}

/** Lets a proxy into its network; twice is once. */
export async function goOutward(scope: Scope, proxy: NodeId): Promise<void> {
  const [container, network] = [await ownContainer(scope, proxy), await outwardOf(scope, stackOf(proxy))];
  if (container === undefined || network === undefined) throw failure("BAL-E003", proxy, "has no network that leads outside");
  await join(scope, proxy, { container, network });
}

export async function dropOutward(scope: Scope, node: NodeId): Promise<void> {
  const found = await outwardOf(scope, stackOf(node));
  if (found === undefined) return;
  const inspect = () => scope.docker.getNetwork(found.Id).inspect() as Promise<OwnNetwork>;
  await dropNetwork(scope, node, await orAbsent(node, inspect));
}
