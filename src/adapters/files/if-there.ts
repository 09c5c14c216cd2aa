import type { Stats } from "node:fs";
import { lstat, readdir, readFile, stat } from "node:fs/promises";

/** What says that nothing of the kind is there: no such name, or something else in its place. */
const ABSENT = new Set(["ENOENT", "ENOTDIR", "EISDIR"]);

/** Undefined where something is not there. Whatever else keeps it from being read, such as too many open files, says nothing of that, and is thrown. */
export async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (ABSENT.has((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

/** What a folder holds; nothing where it is not there. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  return (await ifThere(readdir(folder))) ?? [];
}

/** The text of a file; undefined where it is not there. */
export async function textOf(path: string): Promise<string | undefined> {
  return await ifThere(readFile(path, "utf8"));
}

/** What is known of what a path leads to; undefined where that is not there. */
export async function statOf(path: string): Promise<Stats | undefined> {
  return await ifThere(stat(path));
}

/** The same of the path itself, where it may be a link. */
export async function linkOf(path: string): Promise<Stats | undefined> {
  return await ifThere(lstat(path));
}
