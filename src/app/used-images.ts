import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Revision } from "./revisions.ts";

const FILE = "images.json";

/** Leaves the names of the images that a fleet asks for where other fleets of the machine find them. */
export async function writeUsedImages(root: string, { stacks }: Pick<Revision, "stacks">): Promise<void> {
  const nodes = [...stacks.values()].flatMap((stack) => stack.nodes);
  const images = [...new Set(nodes.flatMap((node) => ("image" in node.spec ? [node.spec.image] : [])))].sort();
  await writeFile(join(root, `${FILE}.making`), `${JSON.stringify(images)}\n`);
  await rename(join(root, `${FILE}.making`), join(root, FILE));
}

export interface UsedImages {
  readonly references: ReadonlySet<string>;
  /** Fleets of which nobody can say what they ask for. */
  readonly unknown: readonly string[];
}

/** What the fleets of a state folder ask for. */
export function usedImages(home: string, fleets: readonly string[]): UsedImages {
  const files = fleets.map((fleet) => ({ fleet, file: join(home, fleet, FILE) }));
  const known = files.filter(({ file }) => existsSync(file));
  return {
    references: new Set(known.flatMap(({ file }) => JSON.parse(readFileSync(file, "utf8")) as string[])),
    unknown: files.filter((one) => !known.includes(one)).map(({ fleet }) => fleet),
  };
}

/** The fleets that are installed below a state folder. */
export function fleetsBelow(home: string): readonly string[] {
  if (!existsSync(home)) return [];
  return readdirSync(home, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && existsSync(join(home, entry.name, "api.token")))
    .map((entry) => entry.name)
    .sort();
}
