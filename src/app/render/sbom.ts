import { orAbsent } from "../../engines/docker/call.ts";
import { loadRecipes } from "../../engines/docker/images/recipe.ts";
import { readPackages } from "../../engines/docker/images/record.ts";
import { imageReference } from "../../engines/docker/images/reference.ts";
import { type Sbom, sbomOf } from "../../engines/docker/images/sbom.ts";
import { ownPackage } from "../installation/package-root.ts";
import { dockerClient, imagesFolder } from "../machine/machine-engine.ts";

export interface FoundSbom {
  readonly image: string;
  /** Missing where the image was not built here yet: nobody knows then what will be in it. */
  readonly document?: Sbom;
}

/** What is inside each image of this version of Ballast that is on this machine. */
export async function sboms(): Promise<readonly FoundSbom[]> {
  const docker = dockerClient();
  const recipes = await loadRecipes(imagesFolder(ownPackage().root));
  const found: FoundSbom[] = [];
  for (const recipe of recipes) {
    const reference = imageReference(recipe);
    const image = await orAbsent(recipe.name, () => docker.getImage(reference).inspect());
    if (image === undefined) {
      found.push({ image: recipe.name });
      continue;
    }
    const making = { image: recipe.name, onProgress: () => undefined, signal: AbortSignal.timeout(60_000) };
    const packages = await readPackages(docker, image.Id, making);
    found.push({ image: recipe.name, document: sbomOf(recipe, { reference, imageId: image.Id, recipeHash: recipe.recipeHash, packages }) });
  }
  return found;
}
