import type Dockerode from "dockerode";
import { engineCall } from "../call.ts";
import { leaveStrayNetworks } from "../network/stray-networks.ts";
import type { Scope } from "../scope.ts";
import { liveLimits } from "./made-from.ts";
import type { DesiredContainer } from "./wanted-container.ts";

/** Gives a container that runs its limits back, and takes it out of networks in which it has no business. */
export async function putRight(scope: Scope, desired: DesiredContainer, found: Dockerode.ContainerInspectInfo): Promise<"repaired"> {
  await engineCall(desired.node.id, () => scope.docker.getContainer(found.Id).update(liveLimits(desired)));
  await leaveStrayNetworks(scope, desired.node.id, found);
  return "repaired";
}
