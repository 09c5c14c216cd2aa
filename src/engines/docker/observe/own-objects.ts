import type Dockerode from "dockerode";
import { specInForce } from "../../../domain/stack/entry.ts";
import type { IngressSpec } from "../../../domain/stack/kinds/ingress.ts";
import { type NodeId, nodeId, type StackId, type StackNode } from "../../../domain/stack/node.ts";
import { failure } from "../../../kernel/problem.ts";
import { engineCall, orAbsent } from "../call.ts";
import type { Scope } from "../scope.ts";
import { declaredOf, hasLabels, nodeFilter, objectName } from "./labels.ts";

/** The name that every stack's boundary has; engines find the wall of a stack by it. */
export const BOUNDARY = "boundary";

/** A network as `inspect` tells of it. */
export interface OwnNetwork {
  readonly Id: string;
  readonly Name: string;
  /** True of one that leads to no other network. */
  readonly Internal?: boolean;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly IPAM?: { readonly Config?: readonly { readonly Subnet?: string }[] };
  readonly Containers?: Readonly<Record<string, { readonly Name: string }>>;
}

/**
 * The objects of a node are found by what they say of themselves, so that one under a name of an older version goes on being used as it is, and one
 * that only has the name is never taken for it. The name is asked for first since it is one question, and right nearly always.
 */
export async function ownContainer(scope: Scope, id: NodeId): Promise<Dockerode.ContainerInspectInfo | undefined> {
  const filters = nodeFilter(scope.owner, id);
  const named = await orAbsent(id, () => scope.docker.getContainer(objectName(scope.owner, id)).inspect());
  if (named !== undefined && hasLabels(named.Config.Labels, filters)) return named;
  const found = await engineCall(id, () => scope.docker.listContainers({ all: true, filters }));
  const one = found.find(({ State }) => State === "running") ?? found[0];
  return one === undefined ? undefined : await orAbsent(id, () => scope.docker.getContainer(one.Id).inspect());
}

/** The image that the container of a node was made from. */
export async function imageOf(scope: Scope, id: NodeId): Promise<string> {
  const found = await ownContainer(scope, id);
  if (found === undefined) throw failure("BAL-E003", id, "is needed and not there");
  return found.Image;
}

/** Where an ingress listens now, and whom it trusts: as its container was made, or as is declared where there is none. A change of it may wait. */
export async function ingressInForce(scope: Scope, node: StackNode<"ingress">): Promise<IngressSpec> {
  const found = await ownContainer(scope, node.id);
  return specInForce(node, found === undefined ? undefined : declaredOf(found.Config.Labels)?.declared);
}

/** The volume of a node. Where two say that they are it, nobody can know whose data counts: then neither is used. */
export async function ownVolume(scope: Scope, id: NodeId): Promise<Dockerode.VolumeInspectInfo | undefined> {
  const { Volumes: found } = await engineCall(id, () => scope.docker.listVolumes({ filters: nodeFilter(scope.owner, id) }));
  const [one, another] = found ?? [];
  if (another === undefined) return one;
  throw failure("BAL-E006", id, `has two volumes: ${found.map(({ Name }) => Name).join(", ")}`, {
    hint: "keep the one that holds its data; copy the other elsewhere and remove it (docker volume rm)",
  });
}

/**
 * Refuses a name under which a volume lies that does not say that it is the node's. Docker gives it to whoever asks for one of that name, and makes one
 * without labels itself when it starts a container whose volume is gone.
 */
export async function assertNotForeign(scope: Scope, id: NodeId, name: string): Promise<void> {
  const found = await orAbsent(id, () => scope.docker.getVolume(name).inspect());
  if (found === undefined || hasLabels(found.Labels, nodeFilter(scope.owner, id))) return;
  throw failure("BAL-E006", id, `a volume named ${name} is not ours`, {
    hint: `see what is in it and who uses it (docker ps -a --filter volume=${name}); once nothing of it is wanted, docker volume rm ${name}`,
  });
}

/** The name of a node's volume, to be mounted. Docker would make one that is not there, empty: so it must be there. */
export async function volumeToMount(scope: Scope, id: NodeId): Promise<string> {
  const found = await ownVolume(scope, id);
  if (found === undefined) throw failure("BAL-E003", id, "is needed and not there");
  return found.Name;
}

export async function ownNetwork(scope: Scope, id: NodeId): Promise<OwnNetwork | undefined> {
  return await findNetwork(scope, objectName(scope.owner, id), nodeFilter(scope.owner, id));
}

/** The network of ours with this name, or else with these labels. */
export async function findNetwork(scope: Scope, name: string, filters: { label: string[] }): Promise<OwnNetwork | undefined> {
  const inspect = (which: string) => orAbsent(name, () => scope.docker.getNetwork(which).inspect() as Promise<OwnNetwork>);
  const named = await inspect(name);
  if (named !== undefined && hasLabels(named.Labels, filters)) return named;
  const [found] = await engineCall(name, () => scope.docker.listNetworks({ filters }));
  return found === undefined ? undefined : await inspect(found.Id);
}

/** The name of the network round a stack: of the one that is there, or of the one that would be made. */
export async function boundaryName(scope: Scope, stack: StackId): Promise<string> {
  const id = nodeId(stack, BOUNDARY);
  return (await ownNetwork(scope, id))?.Name ?? objectName(scope.owner, id);
}
