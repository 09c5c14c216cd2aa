import { type NodeId, nodeId, stackOf } from "../../domain/stack/node.ts";
import { failure } from "../../kernel/problem.ts";
import { engineCall, orAbsent, tolerating } from "./call.ts";
import { objectName } from "./labels.ts";
import { createNetwork, dropNetwork } from "./networks.ts";
import type { Scope } from "./scope.ts";

/** Says of a network that it leads outside, and whose proxy stands in it. */
export const OUTWARD_LABEL = "ballast.outward";

/** The network through which the proxy of a stack goes out, and in which nothing else stands. */
export function outwardName(scope: Pick<Scope, "owner">, stack: string): string {
  return objectName(scope.owner, nodeId(stack, "outward"));
}

/** Makes the network of a proxy unless it is there. It belongs to the proxy, so it carries no declaration of its own. */
export async function makeOutward(scope: Scope, proxy: NodeId): Promise<void> {
  const name = outwardName(scope, stackOf(proxy));
  const found = await orAbsent(proxy, () => scope.docker.getNetwork(name).inspect() as Promise<{ Labels?: Record<string, string> }>);
  if (found !== undefined) {
    if (found.Labels?.["ballast.instance"] === scope.owner.instance) return;
    throw failure("BAL-E006", proxy, `a network named ${name} is not ours`);
  }
  await createNetwork(scope, proxy, {
    Name: name,
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
  const name = outwardName(scope, stackOf(proxy));
  const container = await engineCall(proxy, () => scope.docker.getContainer(objectName(scope.owner, proxy)).inspect());
  if (container.NetworkSettings.Networks[name] !== undefined) return;
  await tolerating(proxy, [403], () => scope.docker.getNetwork(name).connect({ Container: container.Id }));
}

export async function dropOutward(scope: Scope, node: NodeId): Promise<void> {
  await dropNetwork(scope, node, outwardName(scope, stackOf(node)));
}
