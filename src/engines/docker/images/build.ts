import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import type Dockerode from "dockerode";
import { openBuildDirectory } from "./build-directory.ts";
import type { ImageCode } from "./codes.ts";
import { contextStream } from "./context.ts";
import { engineProblem, followEngine, isAbsent } from "./engine-call.ts";
import { holdLock } from "./lock.ts";
import { type ImageProgress, type Making, problem } from "./making.ts";
import type { Recipe } from "./recipe.ts";
import { type ImageRecord, readPackages } from "./record.ts";
import { type BaseChoice, checkBase, contentHash, imageReference } from "./reference.ts";
import { baseHash, ensureRootfs } from "./rootfs.ts";
import { type Architecture, libraryFiles } from "./wheel.ts";

const IMPORT_SECONDS = 900;
const BUILD_SECONDS = 900;
const PULL_SECONDS = 1800;

export interface EnsureImage {
  readonly docker: Dockerode;
  readonly recipe: Recipe;
  readonly base: BaseChoice;
  readonly cacheDir: string;
  readonly onProgress: (progress: ImageProgress) => void;
  readonly signal?: AbortSignal;
}

interface Job extends EnsureImage {
  readonly making: Making;
  readonly reference: string;
}

async function inspectImage(job: Job, name: string): Promise<Dockerode.ImageInspectInfo | undefined> {
  try {
    return await job.docker.getImage(name).inspect();
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw engineProblem(job.making, "BAL-I003", `looking for the image ${name}`, error);
  }
}

async function recordOf(job: Job, image: Dockerode.ImageInspectInfo): Promise<ImageRecord> {
  const packages = await readPackages(job.docker, image.Id, job.making);
  return { reference: job.reference, imageId: image.Id, recipeHash: job.recipe.recipeHash, bytes: image.Size, packages };
}

/** The finished image, if it is there. The tag alone is no proof: anybody can set one, so the label must agree. */
async function existing(job: Job): Promise<ImageRecord | undefined> {
  const image = await inspectImage(job, job.reference);
  if (image?.Config.Labels?.["ballast.recipe"] !== job.recipe.recipeHash) return undefined;
  return recordOf(job, image);
}

async function engineArchitecture(job: Job): Promise<Architecture> {
  let name: string;
  try {
    name = (await job.docker.version()).Arch;
  } catch (error) {
    throw engineProblem(job.making, "BAL-I003", "asking for its version", error);
  }
  if (name === "amd64") return "x64";
  if (name === "arm64") return "arm64";
  throw problem("BAL-I013", job.recipe.name, `the Docker Engine runs on ${name}; images are made for amd64 and arm64`);
}

async function baseFromPackages(job: Job): Promise<string> {
  const { recipe, making, docker } = job;
  const architecture = await engineArchitecture(job);
  const repository = `ballast/base-${recipe.name}`;
  const tag = baseHash(recipe.base, architecture).slice(0, 12);
  const name = `${repository}:${tag}`;
  if ((await inspectImage(job, name)) !== undefined) return name;
  const buildDirectory = await openBuildDirectory(resolve(job.cacheDir));
  await buildDirectory.sweep();
  const mirrors = job.base.from === "packages" ? job.base.mirrors : undefined;
  const file = await ensureRootfs({ making, recipe, buildDirectory, architecture, mirrors });
  making.onProgress({ image: making.image, stage: "import", line: `importing ${file}` });
  await followEngine({
    making,
    stage: "import",
    code: "BAL-I010",
    doing: `importing the base of ${recipe.name}`,
    timeoutSeconds: IMPORT_SECONDS,
    start: (abortSignal) => docker.importImage(createReadStream(file), { repo: repository, tag, abortSignal }),
  });
  return name;
}

async function baseFromRegistry(job: Job, reference: string): Promise<string> {
  if ((await inspectImage(job, reference)) !== undefined) return reference;
  await followEngine({
    making: job.making,
    stage: "pull",
    code: "BAL-I011",
    doing: `pulling ${reference}`,
    hint: "Check that the registry can be reached from this machine and that docker login was done, or build from packages.",
    timeoutSeconds: PULL_SECONDS,
    start: (abortSignal) => job.docker.pull(reference, { abortSignal }),
  });
  return reference;
}

async function build(job: Job, baseName: string): Promise<string> {
  const { recipe, making, docker } = job;
  const labels = { "ballast.recipe": recipe.recipeHash, "ballast.image": recipe.name, "ballast.base": baseName };
  const code: ImageCode = "BAL-I009";
  const doing = `building ${job.reference}`;
  const libraries = await libraryFiles(making, await openBuildDirectory(resolve(job.cacheDir)), recipe.libraries);
  const end = await followEngine({
    making,
    stage: "build",
    code,
    doing,
    timeoutSeconds: BUILD_SECONDS,
    // Everything that goes in was fetched and checked before: the build itself has no network.
    start: (abortSignal) =>
      docker.buildImage(contextStream([...recipe.files, ...libraries]), {
        buildargs: { BASE: baseName },
        labels,
        networkmode: "none",
        rm: true,
        forcerm: true,
        abortSignal,
      }),
  });
  if (end.imageId === undefined) throw problem(code, making.image, `${doing} ended without an image`);
  return end.imageId;
}

async function buildAndTag(job: Job): Promise<ImageRecord> {
  const baseName = job.base.from === "packages" ? await baseFromPackages(job) : await baseFromRegistry(job, job.base.reference);
  const imageId = await build(job, baseName);
  const image = await inspectImage(job, imageId);
  if (image === undefined) throw problem("BAL-I009", job.recipe.name, `the image ${imageId} vanished after it was built`);
  const record = await recordOf(job, image);
  const repo = `ballast/${job.recipe.name}`;
  const tag = contentHash(job.recipe, job.base).slice(0, 12);
  try {
    await job.docker.getImage(imageId).tag({ repo, tag });
  } catch (error) {
    throw engineProblem(job.making, "BAL-I009", `naming ${job.reference}`, error);
  }
  job.making.onProgress({ image: job.recipe.name, stage: "ready", line: job.reference });
  return record;
}

/**
 * The image of a recipe, made if it is not there. Only a whole and checked image ever gets its name; a second caller of the
 * same image, in this process or another, waits for the first and then finds it.
 */
export async function ensureImage(request: EnsureImage): Promise<ImageRecord> {
  const { recipe, base } = request;
  checkBase(recipe, base);
  const making: Making = { image: recipe.name, onProgress: request.onProgress, signal: request.signal };
  const job: Job = { ...request, making, reference: imageReference(recipe, base) };
  const there = await existing(job);
  if (there !== undefined) return there;
  const onWait = (): void => request.onProgress({ image: recipe.name, stage: "waiting", line: "another process makes this image" });
  // The base is shared by all versions of one recipe, so the lock is the recipe's and not one version's.
  const lock = await holdLock(`${resolve(request.cacheDir)} ${recipe.name}`, onWait, request.signal).catch((error: unknown) => {
    throw engineProblem(making, "BAL-I012", `waiting for ${contentHash(recipe, base).slice(0, 12)}`, error);
  });
  try {
    return (await existing(job)) ?? (await buildAndTag(job));
  } finally {
    await lock.release();
  }
}
