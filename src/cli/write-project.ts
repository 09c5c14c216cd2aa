import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface WrittenFile {
  readonly path: string;
  readonly content: string;
  readonly secret: boolean;
}

/** The numeric user of all containers. */
const CONTAINERS_USER = 10_001;

/**
 * Writes files below a folder; returns their paths. Secret ones are 0600 and belong to the containers' user, which only root can arrange:
 * written by somebody else they belong to that person, who must hand them over.
 */
export function writeProject(folder: string, files: readonly WrittenFile[]): readonly string[] {
  for (const { path, content, secret } of files) {
    const at = join(folder, path);
    mkdirSync(dirname(at), { recursive: true, mode: 0o755 });
    writeFileSync(at, content, { mode: secret ? 0o600 : 0o644 });
    if (secret && process.getuid?.() === 0) chownSync(at, CONTAINERS_USER, CONTAINERS_USER);
  }
  return files.map((file) => file.path);
}
