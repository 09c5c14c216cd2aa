import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { replaceFileNow } from "../../adapters/files/replace-file.ts";
import { readStateFile, type StateForm } from "../../adapters/files/state-file.ts";
import type { Store } from "../../adapters/store/store.ts";
import type { Revision, Revisions } from "../revisions/revisions.ts";
import { wantedNow } from "../revisions/wanted.ts";

const FILE = "images.json";
const ACCESS = { mode: 0o644 };
const LIST = z.array(z.string());
const IMAGES: StateForm<readonly string[]> = { form: "a list of images", read: (text) => LIST.safeParse(JSON.parse(text)).data };

/** The file in which a fleet leaves the names of the images that it asks for, where other fleets of the machine find them. */
export function usedImagesFile(root: string) {
  const path = join(root, FILE);
  let text: string | undefined;
  return {
    path,
    write(revision: Pick<Revision, "stacks">): void {
      text = imagesText(revision);
      replaceFileNow(path, text, ACCESS);
    },
    /** Writes it again where it does not say what was written; true when it did. */
    keep: () => text !== undefined && replaceFileNow(path, text, ACCESS),
  };
}

/** The same, as the revision in force has it: of an earlier start it may be spoilt. */
export async function usedImagesInForce(
  root: string,
  store: Pick<Store, "revisionInForce" | "desired">,
  revisions: Pick<Revisions, "byHash">,
) {
  const images = usedImagesFile(root);
  const before = await wantedNow(store, revisions).catch(() => undefined);
  if (before !== undefined) images.write(before.revision);
  return images;
}

function imagesText({ stacks }: Pick<Revision, "stacks">): string {
  const nodes = [...stacks.values()].flatMap((stack) => stack.nodes);
  const images = [...new Set(nodes.flatMap((node) => ("image" in node.spec ? [node.spec.image] : [])))].sort();
  return `${JSON.stringify(images)}\n`;
}

export interface UsedImages {
  readonly references: ReadonlySet<string>;
  /** Fleets of which it cannot be determined what they ask for, each with the reason. */
  readonly unknown: readonly string[];
}

/** What the fleets of a state folder ask for. */
export function usedImages(home: string, fleets: readonly string[]): UsedImages {
  const files = fleets.map((fleet) => ({ fleet, found: readStateFile(join(home, fleet, FILE), IMAGES) }));
  return {
    references: new Set(files.flatMap(({ found }) => (found.state === "there" ? found.value : []))),
    unknown: files.flatMap(({ fleet, found }) => {
      if (found.state === "there") return [];
      return [found.state === "missing" ? fleet : `${fleet} (${join(home, fleet, FILE)} ${found.because})`];
    }),
  };
}

/** What an installation has, whichever of it was lost. */
const SIGNS = ["api.token", "instance", "sealing.key"];

/** The fleets that are installed below a state folder. */
export function fleetsBelow(home: string): readonly string[] {
  if (!existsSync(home)) return [];
  return readdirSync(home, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && SIGNS.some((sign) => existsSync(join(home, entry.name, sign))))
    .map((entry) => entry.name)
    .sort();
}
