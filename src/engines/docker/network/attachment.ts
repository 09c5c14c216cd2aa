import type Dockerode from "dockerode";
import type { NodeId } from "../../../domain/stack/node.ts";
import { engineCall, statusOf, tolerating, wordsOf } from "../call.ts";
import type { OwnNetwork } from "../observe/own-objects.ts";
import type { Scope } from "../scope.ts";

/** What a container says of the networks that it is in, or would be in once it runs. */
export type Attached = Pick<Dockerode.ContainerInspectInfo, "NetworkSettings">;
type Identified = Pick<OwnNetwork, "Id" | "Name">;

/**
 * True of a container that is in this very network. One that was stopped when a network was removed goes on naming it, and is not in a new one of that
 * name: Docker starts it by the id that it knows. One that has joined while it was stopped knows no id yet, and is started by the name.
 */
export function isIn(container: Attached | undefined, network: Identified | undefined): boolean {
  const attached = container?.NetworkSettings.Networks[network?.Name ?? ""];
  return attached !== undefined && ["", undefined, network?.Id].includes(attached.NetworkID);
}

/** The names of networks that a container would be started in and that do not exist, given those that do. */
export function goneNetworks({ NetworkSettings }: Attached, existing: readonly Identified[]): readonly string[] {
  const ids = new Set(existing.map(({ Id }) => Id));
  const names = new Set(existing.map(({ Name }) => Name));
  return Object.entries(NetworkSettings.Networks)
    .filter(([name, { NetworkID: id }]) => (id === "" ? !names.has(name) : !ids.has(id)))
    .map(([name]) => name)
    .sort();
}

/** Takes a container out of a network of this name, whichever it is; content where it is in none, or is being removed itself. */
export async function leave(scope: Pick<Scope, "docker">, at: string, { network, container }: { network: string; container: string }) {
  await engineCall(at, async () => {
    try {
      await scope.docker.getNetwork(network).disconnect({ Container: container, Force: true });
    } catch (error) {
      if (![404, 409].includes(statusOf(error) ?? 0) && !/is not connected to/i.test(wordsOf(error))) throw error;
    }
  });
}

/** Lets a container into a network; twice is once. What it still names of a former network under that name is taken away first. */
export async function join(
  scope: Pick<Scope, "docker">,
  at: string,
  { container, network, aliases }: { container: Attached & { Id: string }; network: Identified; aliases?: readonly string[] },
): Promise<void> {
  if (isIn(container, network)) return;
  if (container.NetworkSettings.Networks[network.Name] !== undefined)
    await leave(scope, at, { network: network.Name, container: container.Id });
  const endpoint = aliases === undefined ? {} : { EndpointConfig: { Aliases: [...aliases] } };
  await tolerating(at, [403], () => scope.docker.getNetwork(network.Id).connect({ Container: container.Id, ...endpoint }));
}

/** A network that goes while a container is about to start is seen at the next try; so many go at once in no fleet. */
const TRIES = 3;

/**
 * Starts a container, also where networks were removed while it did not run: Docker refuses to start one that names a network which is gone, for ever.
 * Whoever needs it there lets it in again (guests.ts). One whose own network is gone is recreated, by whoever makes that network.
 */
export async function startAttached(scope: Pick<Scope, "docker">, id: NodeId, container: Dockerode.Container): Promise<void> {
  await engineCall(id, async () => {
    for (let tries = 1; ; tries++) {
      await leaveGone(scope, id, container);
      try {
        return await container.start();
      } catch (error) {
        if (statusOf(error) === 304) return undefined;
        if (tries === TRIES || !/network .*not found/i.test(wordsOf(error))) throw error;
      }
    }
  });
}

async function leaveGone(scope: Pick<Scope, "docker">, id: NodeId, container: Dockerode.Container): Promise<void> {
  // In this order: what it names by then and is not listed afterwards is gone.
  const found = await container.inspect();
  const existing = (await scope.docker.listNetworks()) as readonly Identified[];
  const attached = goneNetworks(found, existing).filter((name) => name !== found.HostConfig.NetworkMode);
  for (const network of attached) await leave(scope, id, { network, container: found.Id });
}
