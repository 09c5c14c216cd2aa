import { join } from "node:path";
import Dockerode from "dockerode";
import { openSession } from "../../adapters/postgres/session.ts";
import type { LoadedFleet } from "../../domain/fleet/model.ts";
import { createDockerEngine } from "../../engines/docker/engine.ts";
import { ensureImage } from "../../engines/docker/images/build.ts";
import { loadRecipes, type Recipe } from "../../engines/docker/images/recipe.ts";
import { type BaseChoice, imageReference } from "../../engines/docker/images/reference.ts";
import type { ResolvedImage, Scope } from "../../engines/docker/scope.ts";
import type { Engine } from "../../engines/engine.ts";
import { failure } from "../../kernel/problem.ts";
import type { Installation } from "../installation/installation.ts";

/** The images that a fleet may use: recipes in the package, on the base that the fleet chose. */
export interface ImageStore {
  /** Recipe name → reference, for the compiler. */
  readonly references: (loaded: LoadedFleet) => Readonly<Record<string, string>>;
  readonly resolve: Scope["image"];
}

export function dockerClient(): Dockerode {
  return new Dockerode({ socketPath: "/var/run/docker.sock" });
}

const STAGES: Readonly<Record<string, string>> = {
  packages: "fetching packages",
  wheel: "fetching a program",
  import: "importing the base",
  build: "building",
  pull: "pulling the official image",
  ready: "ready",
  waiting: "another process makes it; waiting",
};

/** Official images by the recipe that they can stand under. */
const OFFICIAL: Readonly<Record<string, "odoo" | "postgres" | "traefik">> = { "odoo-19": "odoo", postgres: "postgres", traefik: "traefik" };

export async function openImageStore(docker: Dockerode, imagesRoot: string, cacheDir: string): Promise<ImageStore> {
  const recipes = await loadRecipes(imagesRoot);
  const known = new Map<string, { recipe: Recipe; base: BaseChoice }>();
  const resolved = new Map<string, ResolvedImage>();
  for (const recipe of recipes) known.set(imageReference(recipe), { recipe, base: { from: "packages" } });
  return {
    references(loaded) {
      const { images } = loaded.fleet;
      return Object.fromEntries(
        recipes.map((recipe) => {
          const official = OFFICIAL[recipe.name];
          const base: BaseChoice =
            images.source === "registry" && official ? { from: "registry", reference: images[official] } : { from: "packages" };
          const reference = imageReference(recipe, base);
          known.set(reference, { recipe, base });
          return [recipe.name, reference];
        }),
      );
    },
    async resolve(reference, progress, signal) {
      const before = resolved.get(reference);
      if (before !== undefined) return before;
      const wanted = known.get(reference);
      if (wanted === undefined)
        throw failure("BAL-E008", reference, "is an image that this version of Ballast has no recipe for", {
          hint: "apply the fleet again: it then uses this version's images",
        });
      let stage = "";
      // People see stages; the thousand lines of a build are for whoever debugs a recipe.
      function onProgress(step: { image: string; stage: string }): void {
        if (step.stage === stage) return;
        stage = step.stage;
        progress(`${step.image}: ${STAGES[step.stage] ?? step.stage}`);
      }
      const record = await ensureImage({ docker, ...wanted, cacheDir, onProgress, signal });
      resolved.set(reference, record);
      return record;
    },
  };
}

export interface MachineEngineOptions {
  readonly docker: Dockerode;
  readonly installation: Installation;
  readonly instance: string;
  /** The range for small networks, asked whenever one is made. */
  readonly subnets: () => Promise<string>;
  readonly imageStore: ImageStore;
}

/** The Docker engine of this machine, for one installation. */
export function machineEngine(options: MachineEngineOptions): Engine {
  const { installation } = options;
  return createDockerEngine({
    docker: options.docker,
    owner: { fleet: installation.fleet, instance: options.instance },
    paths: { volatile: installation.volatile, state: installation.root, cache: installation.cache },
    subnets: options.subnets,
    image: (reference, progress, signal) => options.imageStore.resolve(reference, progress, signal),
    sql: openSession,
    now: () => Date.now(),
    ended: [],
  });
}

export function imagesFolder(packageRoot: string): string {
  return join(packageRoot, "images");
}
