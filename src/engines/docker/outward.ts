import { type NodeId, nodeId, type StackId, stackOf } from "../../domain/stack/node.ts";
import { failure } from "../../kernel/problem.ts";
import { engineCall, orAbsent, tolerating } from "./call.ts";
import { objectName } from "./labels.ts";
import { createNetwork, dropNetwork } from "./networks.ts";
import { type OwnNetwork, ownContainer } from "./own-objects.ts";
import type { Scope } from "./scope.ts";

/** Says of a network that it leads outside, and whose proxy stands in it. */
export const OUTWARD_LABEL = "ballast.outward";

/** The network through which the proxy of a stack goes out, and in which nothing else stands. */
export async function outwardOf(scope: Scope, stack: StackId): Promise<OwnNetwork | undefined> {
  const filters = { label: [`ballast.instance=${scope.owner.instance}`, `ballast.stack=${stack}`, OUTWARD_LABEL] };
  const [found] = await engineCall(stack, () => scope.docker.listNetworks({ filters }));
  return found as OwnNetwork | undefined;
}

/** Makes the network of a proxy unless it is there. It belongs to the proxy, so it carries no declaration of its own. */
export async function makeOutward(scope: Scope, proxy: NodeId): Promise<void> {
  if ((await outwardOf(scope, stackOf(proxy))) !== undefined) return;
  await createNetwork(scope, proxy, {
    Name: objectName(scope.owner, nodeId(stackOf(proxy), "outward")),
    Internal: false,
    // Whoever else were put into it could not reach the proxy from there.
    Options: { "com.docker.network.bridge.enable_icc": "false" },
    Labels: {
      "ballast.fleet": scope.owner.fleet,
      "ballast.instance": scope.owner.instance,
      "ballast.stack": stackOf(proxy),
      [OUTWARD_LABEL]: proxy,
    },
  });
}

/** Lets a proxy into its network; twice is once. */
export async function goOutward(scope: Scope, proxy: NodeId): Promise<void> {
  const [container, network] = [await ownContainer(scope, proxy), await outwardOf(scope, stackOf(proxy))];
  if (container === undefined || network === undefined) throw failure("BAL-E003", proxy, "has no network that leads outside");
  if (container.NetworkSettings.Networks[network.Name] !== undefined) return;
  await tolerating(proxy, [403], () => scope.docker.getNetwork(network.Id).connect({ Container: container.Id }));
}

export async function dropOutward(scope: Scope, node: NodeId): Promise<void> {
  const found = await outwardOf(scope, stackOf(node));
  if (found === undefined) return;
  const inspect = () => scope.docker.getNetwork(found.Id).inspect() as Promise<OwnNetwork>;
  await dropNetwork(scope, node, await orAbsent(node, inspect));
}
