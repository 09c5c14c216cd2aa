import { lstatSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { replaceFileNow } from "../../adapters/files/replace-file.ts";
import { type Problem, ProblemError } from "../../kernel/problem.ts";

export interface WrittenFile {
  readonly path: string;
  readonly content: string;
  readonly secret: boolean;
}

/** The numeric user of all containers. */
const CONTAINERS_USER = 10_001;

/**
 * Writes files below a folder; returns their paths. Secret ones are 0600 and belong to the containers' user, which only root can arrange:
 * written by somebody else they belong to that person, who must hand them over. Nothing is written where something else stands in the place of one of
 * them: a link would lead elsewhere.
 */
export function writeProject(folder: string, files: readonly WrittenFile[]): readonly string[] {
  const problems = files.flatMap(({ path }) => inTheWay(folder, path));
  if (problems.length > 0) throw new ProblemError(problems);
  for (const { path, content, secret } of files) {
    const at = join(folder, path);
    mkdirSync(dirname(at), { recursive: true, mode: 0o755 });
    const owner = secret && process.getuid?.() === 0 ? { owner: { uid: CONTAINERS_USER, gid: CONTAINERS_USER } } : {};
    replaceFileNow(at, content, { mode: secret ? 0o600 : 0o644, ...owner });
  }
  return files.map((file) => file.path);
}

/** What stands below the folder where a file, or a folder that leads to it, would be written. */
function inTheWay(folder: string, path: string): readonly Problem[] {
  const parts = path.split("/");
  for (const [index] of parts.entries()) {
    const at = join(folder, ...parts.slice(0, index + 1));
    const found = lstatSync(at, { throwIfNoEntry: false });
    if (found === undefined) return [];
    const isWanted = index === parts.length - 1 ? found.isFile() : found.isDirectory();
    const message = `is ${found.isSymbolicLink() ? "a link" : "something else"} where this would be written; nothing was written`;
    if (!isWanted) return [{ code: "BAL-C016", severity: "error", at, message, hint: "take it away, or name another folder" }];
  }
  return [];
}
