import type { AnyNode, NodeId, StackId } from "../../domain/stack/node.ts";
import { engineCall, orAbsent, tolerating } from "./call.ts";
import type { Found } from "./found.ts";
import { declaredOf, labelsOf, objectName, ownFilter } from "./labels.ts";
import type { Scope } from "./scope.ts";

/** A container that exists while a volume is being filled: as long as it is there, the volume does not count as there. */
export function fillerName(scope: Scope, id: NodeId): string {
  return `${objectName(scope.owner, id)}.filling`;
}

export async function lookAtVolumes(scope: Scope, stack: StackId | undefined): Promise<Found> {
  const { Volumes: volumes } = await engineCall("volumes", () => scope.docker.listVolumes({ filters: ownFilter(scope.owner, stack) }));
  const fillers = await engineCall("volumes", () =>
    scope.docker.listContainers({ all: true, filters: { label: [`ballast.filling=${scope.owner.instance}`] } }),
  );
  const filling = new Set(fillers.flatMap((container) => container.Names.map((name) => name.replace(/^\//, ""))));
  const nodes = (volumes ?? []).flatMap((volume) => {
    const found = declaredOf(volume.Labels ?? {});
    if (found === undefined || filling.has(fillerName(scope, found.declared.id))) return [];
    return [{ ...found, condition: "serving" as const, facts: { mountpoint: volume.Mountpoint } }];
  });
  return { nodes };
}

/** Makes an empty volume; twice is once. */
export async function makeVolume(scope: Scope, node: AnyNode): Promise<boolean> {
  const name = objectName(scope.owner, node.id);
  const found = await orAbsent(node.id, () => scope.docker.getVolume(name).inspect());
  if (found !== undefined) return false;
  await engineCall(node.id, () => scope.docker.createVolume({ Name: name, Labels: labelsOf(scope.owner, node) }));
  return true;
}

export async function removeVolume(scope: Scope, id: NodeId): Promise<void> {
  await tolerating(id, [404], () => scope.docker.getContainer(fillerName(scope, id)).remove({ force: true }));
  await tolerating(id, [404], () => scope.docker.getVolume(objectName(scope.owner, id)).remove());
}
