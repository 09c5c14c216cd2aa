import type Dockerode from "dockerode";
import { isShared, type NodeId, type StackId, stackOf } from "../../../domain/stack/node.ts";
import { orAbsent, tolerating } from "../call.ts";
import { isOwnName } from "../observe/labels.ts";
import type { OwnNetwork } from "../observe/own-objects.ts";
import type { Scope } from "../scope.ts";
import { OUTWARD_LABEL } from "./egress/outward.ts";

type Standing = Pick<Dockerode.ContainerInspectInfo, "Id" | "HostConfig" | "NetworkSettings">;

/**
 * Networks in which a container of ours stands and has no business: those of another tenant, of a shared stack, and any that is not ours. What
 * several stacks share is let into theirs before anything in them says that it is needed, so it may stand in every one that is ours.
 */
export async function strayNetworks(scope: Scope, id: NodeId, found: Standing): Promise<readonly string[]> {
  const others = Object.keys(found.NetworkSettings.Networks).filter((name) => name !== found.HostConfig.NetworkMode);
  if (servesOthers(stackOf(id))) return others.filter((name) => !isOwnName(scope.owner, name)).sort();
  const stray = await Promise.all(others.map(async (name) => !(await mayStandIn(scope, id, name))));
  return others.filter((_, index) => stray[index]).sort();
}

async function mayStandIn({ docker, owner }: Scope, id: NodeId, name: string): Promise<boolean> {
  const network = await orAbsent(id, () => docker.getNetwork(name).inspect() as Promise<OwnNetwork>);
  if (network === undefined) return true;
  const labels = network.Labels ?? {};
  if (labels["ballast.instance"] !== owner.instance) return false;
  if (labels[OUTWARD_LABEL] !== undefined) return labels[OUTWARD_LABEL] === id;
  return tenantOf(labels["ballast.stack"] ?? "") === tenantOf(stackOf(id));
}

/** A shared stack's is nobody: the first part of its name stands for all of its kind. */
function tenantOf(stack: string): string {
  return stack.slice(0, stack.indexOf("/"));
}

function servesOthers(stack: StackId): boolean {
  return isShared(stack) || stack.startsWith("platform/");
}

/** Takes a container out of them; in its own network it goes on working. */
export async function leaveStrayNetworks(scope: Scope, id: NodeId, found: Standing): Promise<void> {
  for (const name of await strayNetworks(scope, id, found)) {
    await tolerating(id, [404], () => scope.docker.getNetwork(name).disconnect({ Container: found.Id, Force: true }));
  }
}
