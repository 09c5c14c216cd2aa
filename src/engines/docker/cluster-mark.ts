import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type Dockerode from "dockerode";
import type { NodeId } from "../../domain/stack/node.ts";
import { replaceFile } from "./files.ts";
import { IDENTITY } from "./labels.ts";
import type { Scope } from "./scope.ts";

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

/** Shows a server, in a folder that it sees, whether there was a cluster in this volume. */
export async function showWhetherMade(scope: Place, volume: Volume & { readonly id: NodeId }, folder: string): Promise<void> {
  const marked = await readFile(markOf(scope, volume.id), "utf8").catch(() => "");
  const shown = join(folder, SHOWN);
  if (marked === identityOf(volume)) await replaceFile(shown, marked, false);
  else await rm(shown, { force: true });
}
