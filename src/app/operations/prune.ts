import type Dockerode from "dockerode";
import { imagesOfContainers, type LocalImage, localImages, removeImages, supersededOf } from "../../engines/docker/images/superseded.ts";
import { fleetsBelow, usedImages } from "../installation/used-images.ts";

const HOUR_SECONDS = 3600;

export interface PruneParts {
  readonly docker: Dockerode;
  readonly home: string;
  /** What this version of Ballast would ask for, whether or not a fleet does. */
  readonly references: readonly string[];
  readonly namespace?: string;
  readonly settledSeconds?: number;
}

export interface Prunable {
  readonly images: readonly LocalImage[];
  readonly bytes: number;
  /** Fleets of which it cannot be determined what they use; while there is one, nothing counts as superseded. */
  readonly unknown: readonly string[];
}

/** What nobody on this machine uses any more. */
export async function prunable(parts: PruneParts): Promise<Prunable> {
  const used = usedImages(parts.home, fleetsBelow(parts.home));
  if (used.unknown.length > 0) return { images: [], bytes: 0, unknown: used.unknown };
  const inUse = {
    imageIds: await imagesOfContainers(parts.docker),
    references: new Set([...used.references, ...parts.references]),
  };
  const before = Date.now() / 1000 - (parts.settledSeconds ?? HOUR_SECONDS);
  const images = supersededOf(await localImages(parts.docker), inUse, { namespace: parts.namespace ?? "ballast", before });
  return { images, bytes: images.reduce((sum, image) => sum + image.bytes, 0), unknown: [] };
}

/** Removes what was shown and is still unused: it is looked at again. */
export async function prune(parts: PruneParts, shown: readonly string[]): Promise<readonly LocalImage[]> {
  const { images } = await prunable(parts);
  return await removeImages(
    parts.docker,
    images.filter((image) => shown.includes(image.id)),
  );
}
