import type { Store } from "../../adapters/store/store.ts";
import { type CompileContext, certificateGeneration } from "../../domain/blueprint/context.ts";
import type { LoadedFleet } from "../../domain/fleet/model.ts";
import type { Installation } from "../installation/installation.ts";
import type { ImageStore } from "../machine/machine-engine.ts";
import { generationsIn } from "../secrets/rotation.ts";
import { keptIngress } from "../serve/kept-ingress.ts";

interface ContextParts {
  readonly store: Store;
  readonly imageStore: ImageStore;
  readonly installation: Installation;
}

/** What the compiler must be told of this installation beside the fleet. */
export async function contextFor({ store, imageStore, installation }: ContextParts, loaded: LoadedFleet): Promise<CompileContext> {
  const ingress = loaded.fleet.ingress.listen ?? (await keptIngress(store, installation));
  return {
    images: imageStore.references(loaded),
    ingress,
    certificateGeneration: certificateGeneration(Date.now()),
    generations: await generationsIn(store),
  };
}
