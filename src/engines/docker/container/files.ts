import { chown, mkdir, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { namesIn, statOf, textOf } from "../../../adapters/files/if-there.ts";
import { type Access, replaceFile as replaceWhole, rewriteFile as rewriteWhole } from "../../../adapters/files/replace-file.ts";
import { readStateFile } from "../../../adapters/files/state-file.ts";
import { type AnyNode, type NodeId, type StackId, stackOf } from "../../../domain/stack/node.ts";
import type { Edit, ObservedNode } from "../../../domain/stack/observation.ts";
import { failure } from "../../../kernel/problem.ts";
import { asideOfWatched, tlsFolder } from "../ingress/ingress-config.ts";
import type { Found } from "../observe/found.ts";
import { declaredOf, labelsOf } from "../observe/labels.ts";
import { fullDisk, saysFull } from "../room.ts";
import { RUNS_AS, type Scope } from "../scope.ts";
import { contentEdits, contentHash } from "./file-content.ts";

const LABELS = ".ballast.json";
const COMPANION = "ballast.companion";
/** Path → start of the hash of what was written there. */
const CONTENT = "ballast.content";
const OF_CONTAINERS: Access = { mode: 0o400, owner: { uid: RUNS_AS, gid: RUNS_AS } };
const OF_ALL: Access = { mode: 0o644 };

/** The folder of a node whose reality is files: secrets, certificates, routes, the authority. */
export function folderOf(base: string, id: NodeId): string {
  return join(base, "nodes", id);
}

/** The folder of what a container is configured by; it may hold passwords, so it goes with the machine's memory. */
export function configFolderOf(scope: Pick<Scope, "paths">, id: NodeId): string {
  return join(scope.paths.volatile, "config", id);
}

export async function removeConfig(scope: Pick<Scope, "paths">, id: NodeId): Promise<void> {
  await rm(configFolderOf(scope, id), { recursive: true, force: true });
  await dropEmptyStack(configFolderOf(scope, id));
}

/** How a secret was declared when its value was written down; undefined where it was not. */
export async function writtenSpec(scope: Pick<Scope, "paths">, secret: NodeId): Promise<unknown> {
  return (await writtenDeclaration(scope.paths.volatile, secret))?.spec;
}

/** How a node of this folder is declared by what was written for it last; undefined where nothing was. */
export async function writtenDeclaration(base: string, id: NodeId): Promise<Pick<AnyNode, "id" | "kind" | "spec" | "uses"> | undefined> {
  const labels = await readLabels(folderOf(base, id));
  return labels === undefined ? undefined : declaredOf(labels)?.declared;
}

/** The value of a secret as it was written down for its containers; empty where it was not. */
export async function materialised(scope: Pick<Scope, "paths">, secret: NodeId): Promise<string> {
  return ((await textOf(join(folderOf(scope.paths.volatile, secret), "value"))) ?? "").trim();
}

export interface FileRequest {
  /** File name → content. */
  readonly files: Readonly<Record<string, string>>;
  /** `secret`: only the containers' user may read. `public`: everybody may. */
  readonly readers: "secret" | "public";
  /** One more file, elsewhere, without which the node does not count as there: written after the files and before the labels. */
  readonly companion?: { readonly path: string; readonly content: string };
  /** Files that somebody else wrote for this node, and that must stay as they are now. */
  readonly tracked?: readonly string[];
}

/** Writes a node's files, each by rename, and its labels last: a node without labels is not there yet. */
export async function writeNode(scope: Scope, base: string, node: AnyNode, desired: FileRequest): Promise<boolean> {
  const folder = folderOf(base, node.id);
  const secret = desired.readers === "secret";
  await makeFolder(folder, secret ? 0o700 : 0o755);
  if (secret) await chown(folder, RUNS_AS, RUNS_AS);
  const wrote = [];
  for (const [name, content] of Object.entries(desired.files)) wrote.push(await replaceFile(join(folder, name), content, secret));
  if (desired.companion !== undefined) wrote.push(await replaceWatched(desired.companion.path, desired.companion.content));
  const labels = { ...labelsOf(scope.owner, node), ...(await notedFiles(folder, desired)) };
  wrote.push(await replaceFile(join(folder, LABELS), JSON.stringify(labels), false));
  return wrote.includes(true);
}

/** What the labels say of the files that were written. */
async function notedFiles(folder: string, { files, companion, tracked = [] }: FileRequest): Promise<Readonly<Record<string, string>>> {
  const elsewhere = companion === undefined ? [] : [companion.path];
  const content: Record<string, string> = {};
  for (const path of [...Object.keys(files).map((name) => join(folder, name)), ...elsewhere, ...tracked]) {
    content[path] = (await contentHash(path)) ?? "gone";
  }
  return { ...(companion === undefined ? {} : { [COMPANION]: companion.path }), [CONTENT]: JSON.stringify(content) };
}

/** Makes a node's folder in that of its stack, which a node that goes at the same moment may just have taken away. */
async function makeFolder(folder: string, mode: number): Promise<void> {
  for (let tries = 1; ; tries++) {
    await mkdir(dirname(folder), { recursive: true, mode: 0o711 });
    try {
      await mkdir(folder, { mode });
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST") return;
      if (code !== "ENOENT" || tries === 5) throw error;
    }
  }
}

/** Takes away the folder of a node's stack, and of all stacks of that name, once nothing is in them. */
async function dropEmptyStack(folder: string): Promise<void> {
  const stack = dirname(folder);
  // A folder that is not empty, or gone already, is left as it is.
  for (const one of [stack, dirname(stack)]) await rmdir(one).catch(() => undefined);
}

/** Replaces a file by rename unless it already says the same; true when it wrote. */
export async function replaceFile(path: string, content: string, secret: boolean): Promise<boolean> {
  return await writing(path, () => replaceWhole(path, content, secret ? OF_CONTAINERS : OF_ALL));
}

/** The same for a file in the folder that the ingress watches: whatever lies in it is read, so what stands in its place is moved out of it. */
export async function replaceWatched(path: string, content: string): Promise<boolean> {
  return await writing(path, () => replaceWhole(path, content, { ...OF_ALL, aside: asideOfWatched(path) }));
}

/** As `replaceWatched`, also where it says the same: whoever watches it is told. */
export async function rewriteWatched(path: string, content: string): Promise<void> {
  await writing(path, () => rewriteWhole(path, content, { ...OF_ALL, aside: asideOfWatched(path) }));
}

async function writing<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (saysFull((error as Error).message)) throw fullDisk(path, (error as Error).message, error);
    throw failure("BAL-E001", path, `cannot be written: ${(error as Error).message}`, { cause: error });
  }
}

/** Removes a node's files: first the companion, through which it has its effect, last the labels' folder. */
export async function removeNode(base: string, id: NodeId): Promise<void> {
  const folder = folderOf(base, id);
  const companion = (await readLabels(folder))?.[COMPANION];
  if (companion !== undefined) await rm(companion, { force: true, recursive: true });
  await rm(join(folder, LABELS), { force: true, recursive: true });
  await rm(folder, { recursive: true, force: true });
  await dropEmptyStack(folder);
}

/** The labels of a node; those that are spoilt count as not there, so that the node is written again: all of it can be. Those that nobody can read now do not. */
async function readLabels(folder: string): Promise<Readonly<Record<string, string>> | undefined> {
  const found = readStateFile(join(folder, LABELS), { form: "a node", read: readTexts });
  if (found.state === "wrong" && found.unread === true) throw new Error(`${join(folder, LABELS)} ${found.because}`);
  return found.state === "there" ? found.value : undefined;
}

function readTexts(text: string): Readonly<Record<string, string>> | undefined {
  const value: unknown = JSON.parse(text);
  const isRecord = value !== null && typeof value === "object" && !Array.isArray(value);
  return isRecord && Object.values(value).every((one) => typeof one === "string") ? (value as Record<string, string>) : undefined;
}

/** How the files of a node differ from what was written; one of an earlier version did not note it, and is written again. */
async function editsOfFiles(labels: Readonly<Record<string, string>>): Promise<readonly Edit[]> {
  const noted = labels[CONTENT];
  if (noted === undefined) return [{ field: "written by an older version of Ballast", made: 0, found: 1, repair: "live" }];
  const content = readStateText(noted);
  return content === undefined
    ? [{ field: "note of what was written", made: "hashes", found: "something else", repair: "live" }]
    : await contentEdits(content, "live");
}

function readStateText(text: string): Readonly<Record<string, string>> | undefined {
  try {
    return readTexts(text);
  } catch {
    return undefined;
  }
}

/** The files that nodes of ours have elsewhere. */
export async function companions(scope: Scope): Promise<readonly string[]> {
  const labels = await labelsBelow(scope, undefined);
  return labels.flatMap((one) => one[COMPANION] ?? []);
}

/** The files that nodes of ours have elsewhere and that are gone, or say something else than was written there. */
export async function spoiltCompanions(scope: Scope): Promise<readonly string[]> {
  const own = (await labelsBelow(scope, undefined)).map(async (labels) => {
    const path = labels[COMPANION];
    const edits = path === undefined ? [] : await editsOfFiles(labels);
    return path !== undefined && edits.some(({ field }) => field === `file ${path}`) ? [path] : [];
  });
  return (await Promise.all(own)).flat();
}

async function isThere(path: string | undefined): Promise<boolean> {
  if (path === undefined) return true;
  return (await statOf(path)) !== undefined;
}

/** Everything of ours that consists of files below one of the bases. */
export async function lookAtFiles(scope: Scope, stack: StackId | undefined): Promise<Found> {
  const nodes: ObservedNode[] = [];
  for (const labels of await labelsBelow(scope, stack)) {
    const found = declaredOf(labels);
    if (found === undefined || !(await isThere(labels[COMPANION]))) continue;
    // An empty secret opens what it should close: as long as its file is empty it is not there, and is written again.
    if (found.declared.kind === "secret" && (await materialised(scope, found.declared.id)) === "") continue;
    const edits = await editsOfFiles(labels);
    nodes.push({ ...found, condition: "serving", facts: {}, ...(edits.length === 0 ? {} : { edits }) });
  }
  return { nodes };
}

/** The labels of all nodes of ours that consist of files, of one stack or of all. */
async function labelsBelow(scope: Scope, stack: StackId | undefined): Promise<readonly Readonly<Record<string, string>>[]> {
  const all: Readonly<Record<string, string>>[] = [];
  for (const base of [scope.paths.volatile, tlsFolder(scope), scope.paths.state]) {
    const root = join(base, "nodes");
    const stacks = stack === undefined ? await stacksBelow(root) : [stack];
    for (const one of stacks) all.push(...(await labelsOfStack(scope, root, one)));
  }
  return all;
}

async function stacksBelow(root: string): Promise<readonly StackId[]> {
  const result: StackId[] = [];
  for (const first of await namesIn(root)) {
    for (const second of await namesIn(join(root, first))) result.push(`${first}/${second}`);
  }
  return result;
}

async function labelsOfStack(scope: Scope, root: string, stack: StackId): Promise<readonly Readonly<Record<string, string>>[]> {
  const all = await Promise.all((await namesIn(join(root, stack))).map((name) => readLabels(join(root, stack, name))));
  return all.flatMap((labels) => {
    if (labels === undefined || labels["ballast.instance"] !== scope.owner.instance) return [];
    return stackOf(labels["ballast.node"] ?? "") === stack ? [labels] : [];
  });
}
