import type Dockerode from "dockerode";

/** An image as the engine lists it. */
export interface LocalImage {
  readonly id: string;
  readonly names: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly bytes: number;
  /** Seconds since 1970. */
  readonly created: number;
}

export interface InUse {
  /** Of every container of the machine, whoever made it and whether it runs. */
  readonly imageIds: ReadonlySet<string>;
  /** Names that a fleet, or this version of Ballast, asks for. */
  readonly references: ReadonlySet<string>;
}

export interface Superseded {
  /** Where images of ours are named: `ballast/odoo-19:…`. */
  readonly namespace: string;
  /** Seconds since 1970: younger images may belong to work that has not made its container yet. */
  readonly before: number;
}

/**
 * The images of ours that nobody uses any more. Pure.
 * Ours is only what carries our names and none besides, or has lost its name and carries our label: an image that somebody named is somebody's.
 */
export function supersededOf(images: readonly LocalImage[], inUse: InUse, { namespace, before }: Superseded): readonly LocalImage[] {
  const used = (image: LocalImage) => inUse.imageIds.has(image.id) || image.names.some((name) => inUse.references.has(name));
  // A used image is made again from its base sooner or later.
  const bases = new Set(images.filter(used).flatMap((image) => image.labels["ballast.base"] ?? []));
  return images.filter((image) => {
    const named = image.names.length > 0;
    const ours = named ? image.names.every((name) => name.startsWith(`${namespace}/`)) : "ballast.recipe" in image.labels;
    return ours && image.created < before && !used(image) && !image.names.some((name) => bases.has(name));
  });
}

export async function localImages(docker: Dockerode): Promise<readonly LocalImage[]> {
  const images = await docker.listImages();
  return images.map(({ Id: id, RepoTags: names, Labels: labels, Size: bytes, Created: created }) => ({
    id,
    names: (names ?? []).filter((name) => name !== "<none>:<none>"),
    labels: labels ?? {},
    bytes,
    created,
  }));
}

export async function imagesOfContainers(docker: Dockerode): Promise<ReadonlySet<string>> {
  return new Set((await docker.listContainers({ all: true })).map((container) => container.ImageID));
}

/** Removes images by their names, never by force: what came into use meanwhile stays. Says which are gone. */
export async function removeImages(docker: Dockerode, images: readonly LocalImage[]): Promise<readonly LocalImage[]> {
  const gone: LocalImage[] = [];
  for (const image of images) {
    const names = image.names.length === 0 ? [image.id] : image.names;
    try {
      for (const name of names) await docker.getImage(name).remove({ force: false });
      gone.push(image);
    } catch (error) {
      // 409: a container, or an image built on it, holds it. 404: somebody was quicker.
      const { statusCode } = error as { statusCode?: number };
      if (statusCode !== 409 && statusCode !== 404) throw error;
    }
  }
  return gone;
}
