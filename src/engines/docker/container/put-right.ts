import type Dockerode from "dockerode";
import { engineCall } from "../call.ts";
import { leaveStrayNetworks } from "../network/stray-networks.ts";
import type { Scope } from "../scope.ts";
import { liveLimits } from "./made-from.ts";
import type { ContainerWish } from "./wanted-container.ts";

/** Gives a container that runs its limits back, and takes it out of networks in which it has no business. */
export async function putRight(scope: Scope, wish: ContainerWish, found: Dockerode.ContainerInspectInfo): Promise<"mended"> {
  await engineCall(wish.node.id, () => scope.docker.getContainer(found.Id).update(liveLimits(wish)));
  await leaveStrayNetworks(scope, wish.node.id, found);
  return "mended";
}
