import { readdir, rename } from "node:fs/promises";
import { basename } from "node:path";
import type Dockerode from "dockerode";
import type { AnyNode, NodeId } from "../../../domain/stack/node.ts";
import { failure } from "../../../kernel/problem.ts";
import { engineCall } from "../call.ts";
import { runToEnd } from "../container/job.ts";
import { objectName } from "../observe/labels.ts";
import { ownVolume } from "../observe/own-objects.ts";
import type { Scope } from "../scope.ts";
import { createFiller, dropFiller, type FillerRequest, FORMER, fillersOf } from "./filler.ts";
import { removeVolume } from "./volumes.ts";

const SECONDS = 60;

/** A volume whose data another one takes over. */
export interface Handover {
  readonly former: NodeId;
  readonly source: Dockerode.VolumeInspectInfo;
}

/**
 * The volume of a former name, as long as it is there in part or whole: the name that is declared, or the one that was when a take-over began which
 * was not ended.
 */
export async function handoverOf(scope: Scope, id: NodeId, declared: NodeId | undefined): Promise<Handover | undefined> {
  const there = await ownVolume(scope, id);
  const begun = there === undefined ? undefined : (await fillersOf(scope, id, there.Name))[0]?.Labels[FORMER];
  for (const former of [declared, begun]) {
    const source = former === undefined ? undefined : await ownVolume(scope, former);
    if (former !== undefined && source !== undefined) return { former, source };
  }
  return undefined;
}

/**
 * Gives a volume everything of that of a former name, then removes the empty one. Until then a filler says that it is not whole, so whoever is killed
 * in the middle goes on where it was.
 * @param desired what is done inside, as the containers' user, once the files are there.
 */
export async function takeOver(
  scope: Scope,
  node: AnyNode,
  { former, source }: Handover,
  desired: Omit<FillerRequest, "volume" | "former"> & { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  await assertIdle(scope, former, source.Name);
  const there = await ownVolume(scope, node.id);
  if (there !== undefined) await assertIdle(scope, node.id, there.Name);
  const volume = there?.Name ?? objectName(scope.owner, node.id);
  const filler = await createFiller(scope, node, { ...desired, volume, former });
  const target = await engineCall(node.id, () => scope.docker.getVolume(volume).inspect());
  await moveWhole(source, target, node.id);
  const said = await runToEnd(scope, { node: node.id, name: "taking the files over", seconds: SECONDS, signal: desired.signal }, filler.id);
  await removeVolume(scope, former);
  await dropFiller(scope, node.id, volume);
  return said;
}

/**
 * Puts the folder of one volume where the empty one of another is, by one rename, which takes no time whatever its size. It is the folder that Docker
 * keeps for the volume: nothing in it is read or followed, and nobody in a container can replace it. Owner and mode go with it.
 */
async function moveWhole(source: Dockerode.VolumeInspectInfo, target: Dockerode.VolumeInspectInfo, id: NodeId): Promise<void> {
  for (const volume of [source, target]) assertHere(volume, id);
  await rename(source.Mountpoint, target.Mountpoint).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return await assertMoved(source, target, id);
    const both = error.code === "ENOTEMPTY" || error.code === "EEXIST";
    if (!both) throw failure("BAL-E001", id, `its files cannot be taken over: ${error.message}`, { cause: error });
    throw failure("BAL-E003", id, `holds files already, and so does the volume of its former name (${source.Name})`, {
      hint: `nothing was changed; keep the files that count in one of the volumes ${source.Name} and ${target.Name}, then apply again`,
      cause: error,
    });
  });
}

/** That a volume is a folder of this machine. */
export function assertHere(
  { Name, Driver, Mountpoint }: Pick<Dockerode.VolumeInspectInfo, "Name" | "Driver" | "Mountpoint">,
  id: NodeId,
): void {
  if (Driver === "local" && basename(Mountpoint) === "_data") return;
  throw failure("BAL-E001", id, `the volume ${Name} does not lie on this machine, so its files cannot be reached`);
}

/** Somebody who was killed may have moved it before; a folder that is simply gone is not taken for one that was moved. */
async function assertMoved(source: Dockerode.VolumeInspectInfo, target: Dockerode.VolumeInspectInfo, id: NodeId): Promise<void> {
  if ((await readdir(target.Mountpoint)).length > 0) return;
  throw failure("BAL-E003", id, `takes over the volume ${source.Name}, whose folder ${source.Mountpoint} is gone`, {
    hint: "put it back, or remove that volume if its files are not wanted any more (docker volume rm)",
  });
}

/** Files that a process has open are not moved under it. */
async function assertIdle(scope: Scope, id: NodeId, volume: string): Promise<void> {
  const users = await engineCall(id, () => scope.docker.listContainers({ filters: { volume: [volume] } }));
  if (users.length === 0) return;
  throw failure("BAL-E003", id, `is still in use by ${users.flatMap((one) => one.Names).join(", ")}`, {
    hint: "apply again once it has stopped",
  });
}
