import type { Store } from "../../adapters/store/store.ts";
import { type CompileContext, certificateGeneration } from "../../domain/blueprint/context.ts";
import type { LoadedFleet } from "../../domain/fleet/model.ts";
import type { Installation } from "../installation/installation.ts";
import type { ImageShelf } from "../machine/machine-engine.ts";
import { generationsIn } from "../secrets/rotation.ts";
import { keptIngress } from "../serve/kept-ingress.ts";

interface ContextParts {
  readonly store: Store;
  readonly shelf: ImageShelf;
  readonly installation: Installation;
}

/** What the compiler must be told of this installation beside the fleet. */
export async function contextFor({ store, shelf, installation }: ContextParts, loaded: LoadedFleet): Promise<CompileContext> {
  const ingress = loaded.fleet.ingress.listen ?? (await keptIngress(store, installation));
  return {
    images: shelf.references(loaded),
    ingress,
    certificateGeneration: certificateGeneration(Date.now()),
    generations: await generationsIn(store),
  };
}
