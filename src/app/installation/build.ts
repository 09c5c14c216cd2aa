import { readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { sha256 } from "../../kernel/canonical.ts";
import { ownPackage } from "./package-root.ts";

const TEST = /[.](test|contract)[.][jt]s$/;

/**
 * Tells one build of a version from another: a hash of the version and of path, size and time of each file of the running program and of its
 * images. The contents are not read, so that a command line may ask at each start; the same files always give the same answer.
 */
export function ownBuild(): string {
  const { root, version } = ownPackage();
  // The program lies in `src/app` of the checkout, and in `dist/src/app` of the package.
  return buildOf(version, [join(import.meta.dirname, "..", ".."), join(root, "images")]);
}

export function buildOf(version: string, folders: readonly string[]): string {
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !TEST.test(entry.name) && !entry.parentPath.includes("__pycache__"))
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        const { size, mtimeMs } = statSync(path);
        return `${relative(folder, path)} ${size} ${Math.floor(mtimeMs)}`;
      })
      .sort(),
  );
  return sha256([version, ...files].join("\n")).slice(0, 12);
}
