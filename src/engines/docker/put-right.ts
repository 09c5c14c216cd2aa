import type Dockerode from "dockerode";
import { engineCall } from "./call.ts";
import type { ContainerWish } from "./container-wish.ts";
import { liveLimits } from "./made.ts";
import type { Scope } from "./scope.ts";
import { leaveStrayNetworks } from "./stray-networks.ts";

/** Gives a container that runs its limits back, and takes it out of networks in which it has no business. */
export async function putRight(scope: Scope, wish: ContainerWish, found: Dockerode.ContainerInspectInfo): Promise<"mended"> {
  await engineCall(wish.node.id, () => scope.docker.getContainer(found.Id).update(liveLimits(wish)));
  await leaveStrayNetworks(scope, wish.node.id, found);
  return "mended";
}
