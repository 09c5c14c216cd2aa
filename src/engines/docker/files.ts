import { chown, mkdir, readdir, readFile, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type AnyNode, type NodeId, type StackId, stackOf } from "../../domain/stack/node.ts";
import type { ObservedNode } from "../../domain/stack/observation.ts";
import { failure } from "../../kernel/problem.ts";
import type { Found } from "./found.ts";
import { tlsFolder } from "./ingress-config.ts";
import { declaredOf, labelsOf } from "./labels.ts";
import { fullDisk, saysFull } from "./room.ts";
import { RUNS_AS, type Scope } from "./scope.ts";

const LABELS = ".ballast.json";
const COMPANION = "ballast.companion";

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

/** The value of a secret as it was written down for its containers; empty where it was not. */
export async function materialised(scope: Pick<Scope, "paths">, secret: NodeId): Promise<string> {
  return (await readFile(join(folderOf(scope.paths.volatile, secret), "value"), "utf8").catch(() => "")).trim();
}

export interface FileWish {
  /** File name → content. */
  readonly files: Readonly<Record<string, string>>;
  /** `secret`: only the containers' user may read. `public`: everybody may. */
  readonly readers: "secret" | "public";
  /** One more file, elsewhere, without which the node does not count as there: written after the files and before the labels. */
  readonly companion?: { readonly path: string; readonly content: string };
}

/** Writes a node's files, each by rename, and its labels last: a node without labels is not there yet. */
export async function writeNode(scope: Scope, base: string, node: AnyNode, wish: FileWish): Promise<boolean> {
  const folder = folderOf(base, node.id);
  const { companion } = wish;
  const labels = JSON.stringify({ ...labelsOf(scope.owner, node), ...(companion === undefined ? {} : { [COMPANION]: companion.path }) });
  const secret = wish.readers === "secret";
  await makeFolder(folder, secret ? 0o700 : 0o755);
  if (secret) await chown(folder, RUNS_AS, RUNS_AS);
  let wrote = false;
  for (const [name, content] of Object.entries(wish.files)) wrote = (await replaceFile(join(folder, name), content, secret)) || wrote;
  if (companion !== undefined) wrote = (await replaceFile(companion.path, companion.content, false)) || wrote;
  return (await replaceFile(join(folder, LABELS), labels, false)) || wrote;
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
  const before = await readFile(path, "utf8").catch(() => undefined);
  if (before === content) return false;
  const making = `${path}.making`;
  try {
    await rm(making, { force: true });
    await writeFile(making, content, { mode: secret ? 0o400 : 0o644, flag: "wx", flush: true });
    if (secret) await chown(making, RUNS_AS, RUNS_AS);
    await rename(making, path);
  } catch (error) {
    if (saysFull((error as Error).message)) throw fullDisk(path, (error as Error).message, error);
    throw failure("BAL-E001", path, `cannot be written: ${(error as Error).message}`, { cause: error });
  }
  return true;
}

/** Removes a node's files: first the companion, through which it has its effect, last the labels' folder. */
export async function removeNode(base: string, id: NodeId): Promise<void> {
  const folder = folderOf(base, id);
  const companion = (await readLabels(folder))?.[COMPANION];
  if (companion !== undefined) await rm(companion, { force: true });
  await rm(join(folder, LABELS), { force: true });
  await rm(folder, { recursive: true, force: true });
  await dropEmptyStack(folder);
}

async function readLabels(folder: string): Promise<Record<string, string> | undefined> {
  const text = await readFile(join(folder, LABELS), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Record<string, string>);
}

async function isThere(path: string | undefined): Promise<boolean> {
  if (path === undefined) return true;
  return await stat(path).then(
    () => true,
    () => false,
  );
}

/** Everything of ours that consists of files below one of the bases. */
export async function lookAtFiles(scope: Scope, stack: StackId | undefined): Promise<Found> {
  const nodes: ObservedNode[] = [];
  for (const base of [scope.paths.volatile, tlsFolder(scope), scope.paths.state]) {
    const root = join(base, "nodes");
    const stacks = stack === undefined ? await stacksBelow(root) : [stack];
    for (const one of stacks) nodes.push(...(await nodesBelow(scope, root, one)));
  }
  return { nodes };
}

async function list(folder: string): Promise<readonly string[]> {
  return await readdir(folder).catch(() => []);
}

async function stacksBelow(root: string): Promise<readonly StackId[]> {
  const result: StackId[] = [];
  for (const first of await list(root)) {
    for (const second of await list(join(root, first))) result.push(`${first}/${second}`);
  }
  return result;
}

async function nodesBelow(scope: Scope, root: string, stack: StackId): Promise<readonly ObservedNode[]> {
  const nodes: ObservedNode[] = [];
  for (const name of await list(join(root, stack))) {
    const labels = await readLabels(join(root, stack, name));
    if (labels === undefined || !(await isThere(labels[COMPANION]))) continue;
    const found = declaredOf(labels);
    if (found === undefined || labels["ballast.instance"] !== scope.owner.instance || stackOf(found.declared.id) !== stack) continue;
    // An empty secret opens what it should close: as long as its file is empty it is not there, and is written again.
    if (found.declared.kind === "secret" && (await materialised(scope, found.declared.id)) === "") continue;
    nodes.push({ ...found, condition: "serving", facts: {} });
  }
  return nodes;
}
