import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type Dockerode from "dockerode";
import type { NodeId } from "../../../domain/stack/node.ts";
import { replaceFile } from "../container/files.ts";
import { IDENTITY } from "../observe/labels.ts";
import type { Scope } from "../scope.ts";

type Place = { readonly paths: Pick<Scope["paths"], "state"> };
type Volume = Pick<Dockerode.VolumeInspectInfo, "Name" | "Labels">;

/** What the server looks for before it makes a cluster where it finds none. */
const SHOWN = "made";

function markOf({ paths }: Place, volume: NodeId): string {
  return join(paths.state, "clusters", volume);
}

/** Another volume of the same name is another one; those of earlier versions have nothing but their name. When it was made Docker tells by its folder, which changes. */
function identityOf({ Name, Labels }: Volume): string {
  return `${Name} ${Labels?.[IDENTITY] ?? ""}\n`;
}

/** Notes that a cluster was made in this volume: from then on an empty one is a loss, and no beginning. */
export async function markMade(scope: Place, id: NodeId, volume: Volume): Promise<void> {
  const mark = markOf(scope, id);
  await mkdir(dirname(mark), { recursive: true, mode: 0o711 });
  await replaceFile(mark, identityOf(volume), false);
}

/**
 * Shows a server, in a folder that it sees, whether there was a cluster in this volume. A mark that is there and cannot be read, or names none, says that
 * there was one: what is not known is not taken for a beginning.
 */
export async function showWhetherMade(scope: Place, volume: Volume & { readonly id: NodeId }, folder: string): Promise<void> {
  const marked = await readMark(markOf(scope, volume.id));
  const shown = join(folder, SHOWN);
  if (marked === "never made" || (marked !== "unreadable" && marked !== identityOf(volume))) await rm(shown, { force: true });
  else await replaceFile(shown, identityOf(volume), false);
}

/** A mark ends with the end of its line: one that was cut off is none that can be read. */
async function readMark(path: string): Promise<string> {
  try {
    const text = await readFile(path, "utf8");
    return /^\S+ \S*\n$/.test(text) ? text : "unreadable";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "never made" : "unreadable";
  }
}
