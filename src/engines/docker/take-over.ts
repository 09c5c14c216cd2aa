import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import type { NodeId } from "../../domain/stack/node.ts";
import { failure } from "../../kernel/problem.ts";
import { engineCall, orAbsent } from "./call.ts";
import { objectName } from "./labels.ts";
import type { Scope } from "./scope.ts";
import { removeVolume } from "./volumes.ts";

/** Where Docker keeps the files of a node's volume; undefined when there is no such volume. */
async function mountpointOf(scope: Scope, id: NodeId): Promise<string | undefined> {
  return (await orAbsent(id, () => scope.docker.getVolume(objectName(scope.owner, id)).inspect()))?.Mountpoint;
}

/** True when the volume of the former name is still there, in part or whole. */
export async function hasFormer(scope: Scope, former: NodeId | undefined): Promise<boolean> {
  return former !== undefined && (await mountpointOf(scope, former)) !== undefined;
}

/**
 * Moves everything from the volume of a former name into that of the new one, file system and all, then removes the empty one: renames on one
 * disk, which take no time whatever their size. Killed in the middle it goes on where it was.
 */
export async function moveVolume(scope: Scope, from: NodeId, to: NodeId): Promise<void> {
  const [source, target] = [await mountpointOf(scope, from), await mountpointOf(scope, to)];
  if (source === undefined) return;
  if (target === undefined) throw failure("BAL-E003", to, "has no volume to take the data of its former name");
  await assertIdle(scope, from);
  for (const name of await readdir(source)) await rename(join(source, name), join(target, name));
  await removeVolume(scope, from);
}

/** Files that a process has open are not moved under it. */
async function assertIdle(scope: Scope, id: NodeId): Promise<void> {
  const filters = { volume: [objectName(scope.owner, id)] };
  const users = await engineCall(id, () => scope.docker.listContainers({ filters }));
  if (users.length === 0) return;
  throw failure("BAL-E003", id, `is still in use by ${users.flatMap((one) => one.Names).join(", ")}`, {
    hint: "apply again once it has stopped",
  });
}

/** The folders of a volume below one of its own. */
export async function foldersOf(scope: Scope, id: NodeId, below: string): Promise<readonly string[]> {
  const mountpoint = await mountpointOf(scope, id);
  return mountpoint === undefined ? [] : await readdir(join(mountpoint, below)).catch(() => []);
}

/** Renames a folder of a volume, such as the attachments of a database that has a new name. */
export async function renameInside(scope: Scope, id: NodeId, from: string, to: string): Promise<void> {
  const mountpoint = await mountpointOf(scope, id);
  if (mountpoint === undefined || from === to) return;
  await rename(join(mountpoint, from), join(mountpoint, to)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw failure("BAL-E001", id, `its files cannot be renamed: ${error.message}`, { cause: error });
  });
}
