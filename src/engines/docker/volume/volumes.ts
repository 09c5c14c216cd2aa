import { constants } from "node:fs";
import { lstat, open } from "node:fs/promises";
import type Dockerode from "dockerode";
import type { AnyNode, NodeId, StackId } from "../../../domain/stack/node.ts";
import type { Edit, Stranger } from "../../../domain/stack/observation.ts";
import { engineCall, orAbsent, tolerating } from "../call.ts";
import type { Found } from "../observe/found.ts";
import { declaredOf, hasLabels, IDENTITY, nodeFilter, objectName, ownFilter, volumeLabels } from "../observe/labels.ts";
import { assertNotForeign, ownVolume } from "../observe/own-objects.ts";
import { RUNS_AS, type Scope } from "../scope.ts";
import { dropFiller, FILLING, markedBy } from "./filler.ts";

export async function lookAtVolumes(scope: Scope, stack: StackId | undefined): Promise<Found> {
  const { Volumes: volumes } = await engineCall("volumes", () => scope.docker.listVolumes({ filters: ownFilter(scope.owner, stack) }));
  const fillers = await engineCall("volumes", () =>
    scope.docker.listContainers({ all: true, filters: { label: [`${FILLING}=${scope.owner.instance}`] } }),
  );
  const filling = new Set(fillers.flatMap(markedBy));
  const nodes = (volumes ?? []).map(async (volume) => {
    const found = declaredOf(volume.Labels ?? {});
    if (found === undefined || filling.has(volume.Name)) return [];
    const edits = found.declared.kind === "filestore" ? await ownerEdits(volume) : [];
    const identity = volume.Labels?.[IDENTITY];
    const facts = { mountpoint: volume.Mountpoint, volume: volume.Name, ...(identity === undefined ? {} : { identity }) };
    return [{ ...found, condition: "serving" as const, facts, ...(edits.length > 0 ? { edits } : {}) }];
  });
  return { nodes: (await Promise.all(nodes)).flat() };
}

/** A folder of attachments that is root's takes nothing new beside what is in it: older versions left it so after a rename. */
async function ownerEdits({ Mountpoint: folder }: Dockerode.VolumeInspectInfo): Promise<readonly Edit[]> {
  const owner = await lstat(folder).then(
    ({ uid }) => uid,
    () => undefined,
  );
  return owner === 0 ? [{ field: "owner", made: RUNS_AS, found: owner, repair: "live" }] : [];
}

/** Gives the folder of a volume to the user of all images: the folder itself, which nobody in a container can replace, and nothing in it. */
export async function giveToContainers(volume: Dockerode.VolumeInspectInfo): Promise<void> {
  const folder = await open(volume.Mountpoint, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    await folder.chown(RUNS_AS, RUNS_AS);
    await folder.chmod(0o750);
  } finally {
    await folder.close();
  }
}

/** Makes an empty volume; twice is once. */
export async function makeVolume(scope: Scope, node: AnyNode): Promise<boolean> {
  const there = await ownVolume(scope, node.id);
  if (there !== undefined) {
    // Left by a take-over that was killed after its last act but this one.
    await dropFiller(scope, node.id, there.Name);
    return false;
  }
  const Name = objectName(scope.owner, node.id);
  await assertNotForeign(scope, node.id, Name);
  await engineCall(node.id, () => scope.docker.createVolume({ Name, Labels: volumeLabels(scope.owner, node) }));
  return true;
}

/** What stands under the name of a node's volume and is not ours; undefined where nothing does. Docker labels no volume that exists. */
export async function strangeVolume(scope: Scope, id: NodeId): Promise<Stranger | undefined> {
  const name = objectName(scope.owner, id);
  const found = await orAbsent(id, () => scope.docker.getVolume(name).inspect());
  if (found === undefined || hasLabels(found.Labels ?? {}, nodeFilter(scope.owner, id))) return undefined;
  return { says: `a volume ${name} that Ballast did not make`, removal: `docker volume rm ${name}`, adoptable: false };
}

export async function removeVolume(scope: Scope, id: NodeId): Promise<void> {
  const found = await ownVolume(scope, id);
  await dropFiller(scope, id, found?.Name ?? objectName(scope.owner, id));
  if (found === undefined) return;
  await tolerating(id, [404], () => scope.docker.getVolume(found.Name).remove());
}
