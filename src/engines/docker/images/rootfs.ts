import { join } from "node:path";
import { hashOf } from "../../../kernel/canonical.ts";
import { runCommand } from "../container/command.ts";
import { type BasePart, baseArguments, baseIdentity, treeArguments, treeIdentity } from "./bootstrap-arguments.ts";
import { type BuildDirectory, exists, finished, freeMiB } from "./build-directory.ts";
import { fullDisk, type Making, problem, runTool } from "./making.ts";
import { type DebianMirrors, INDEX_TARGETS, pickMirrors } from "./mirror.ts";
import type { Base, Recipe, Tree } from "./recipe.ts";
import { type Architecture, wheelPart } from "./wheel.ts";

const BOOTSTRAP_SECONDS = 1800;

export interface RootfsRequest {
  readonly making: Making;
  readonly recipe: Recipe;
  readonly buildDirectory: BuildDirectory;
  readonly architecture: Architecture;
  /** Where the machine's own mirrors are not to be used. */
  readonly mirrors: DebianMirrors | undefined;
}

/** Names a base by what goes into it; the mirror is not part of it, the packages are the same from all. */
export function baseHash(base: Base, architecture: Architecture): string {
  return hashOf({ base: baseIdentity(base), architecture });
}

/** The mirrors that this machine installs its own packages from. */
export async function machineMirrors(making: Making): Promise<DebianMirrors> {
  const listed = await runCommand({ command: "apt-get", args: INDEX_TARGETS, timeoutSeconds: 60 });
  const mirrors = pickMirrors(listed.stdout);
  if (mirrors !== undefined) return mirrors;
  throw problem(
    "BAL-I005",
    making.image,
    "the package sources of this machine name no Debian mirror, and the base image is made from Debian packages",
    {
      hint: "Build on a Debian machine, name a Debian mirror in the settings, or take the base image from a registry.",
    },
  );
}

function bootstrap(making: Making, args: readonly string[], room: string, doing: string) {
  return runTool(making, {
    stage: "packages",
    command: "mmdebstrap",
    args,
    timeoutSeconds: BOOTSTRAP_SECONDS,
    // The half-made file system lies in our room and not in /tmp, so that a killed build can be swept away.
    env: { TMPDIR: room },
    // A killed mmdebstrap of root leaves its bind mounts behind; in a mount namespace of its own they go with it.
    // Without root it makes such a namespace by itself.
    ownMounts: process.getuid?.() === 0,
    code: "BAL-I006",
    doing,
    packageName: "mmdebstrap",
  });
}

async function treePart(request: RootfsRequest, tree: Tree, mirrors: DebianMirrors): Promise<BasePart> {
  const { making, recipe, buildDirectory, architecture } = request;
  const hash = hashOf({ tree: treeIdentity(tree, recipe.base), architecture }).slice(0, 12);
  const kept = join(buildDirectory.cacheDir, "trees", `${tree.packages[0]}-${hash}.tar`);
  const file = await finished(buildDirectory, kept, async (target, room) => {
    await bootstrap(making, treeArguments(tree, mirrors, recipe.base, target), room, `unpacking ${tree.packages[0]}`);
  });
  return { kind: "tree", file, at: tree.at };
}

async function checkSpace({ making, recipe, buildDirectory }: RootfsRequest): Promise<void> {
  const free = await freeMiB(buildDirectory.cacheDir);
  const needed = recipe.base.needsMiB;
  if (free < needed) throw fullDisk(making.image, `making it needs ${needed} MiB in ${buildDirectory.cacheDir}, ${free} MiB are free`);
}

/** The root file system of a recipe's base as a tar file: from the cache, or made now from packages. */
export async function ensureRootfs(request: RootfsRequest): Promise<string> {
  const { making, recipe, buildDirectory, architecture } = request;
  const { base, name } = recipe;
  const kept = join(buildDirectory.cacheDir, "rootfs", `${name}-${baseHash(base, architecture).slice(0, 12)}.tar`);
  if (await exists(kept)) return kept;
  await checkSpace(request);
  const mirrors = request.mirrors ?? (await machineMirrors(making));
  const parts: BasePart[] = [];
  for (const tree of base.trees) parts.push(await treePart(request, tree, mirrors));
  for (const wheel of base.wheels) parts.push(await wheelPart(making, buildDirectory, wheel, architecture));
  return finished(buildDirectory, kept, async (target, room) => {
    await bootstrap(making, baseArguments({ base, mirrors, parts, target }), room, `installing the packages of ${name}`);
  });
}
