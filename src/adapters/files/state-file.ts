import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { failure, type ProblemError } from "../../kernel/problem.ts";

/** What a file that this program wrote says now. `wrong`: it is there, and not what was written, or (`denied`) this user may not know, or (`unread`) nobody could read it now. */
export type StateRead<T> =
  | { readonly state: "there"; readonly value: T }
  | { readonly state: "missing" }
  | { readonly state: "wrong"; readonly because: string; readonly denied?: true; readonly unread?: true };

/** No state file comes near to it; what is larger is somebody else's and is not read into memory. */
const MOST_BYTES = 4 * 1024 * 1024;

export interface StateForm<T> {
  /** What it should be, for people: `a list of image names`. */
  readonly form: string;
  /** The value of a text; undefined, or an error, where it is none. */
  readonly read: (text: string) => T | undefined;
}

/** Reads a state file without trusting it: never throws, and says what is wrong with it. */
export function readStateFile<T>(path: string, { form, read }: StateForm<T>): StateRead<T> {
  const text = textOf(path);
  if (text.state !== "there") return text;
  if (text.value.trim() === "") return { state: "wrong", because: "is empty" };
  try {
    const value = read(text.value);
    return value === undefined ? { state: "wrong", because: `is not ${form}` } : { state: "there", value };
  } catch {
    return { state: "wrong", because: `is not ${form}` };
  }
}

function textOf(path: string): StateRead<string> {
  let file: number | undefined;
  try {
    // A pipe that somebody put there is not waited for.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return textIn(file);
  } catch (error) {
    return unread((error as NodeJS.ErrnoException).code ?? "");
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function textIn(file: number): StateRead<string> {
  const seen = fstatSync(file);
  if (!seen.isFile()) return { state: "wrong", because: seen.isDirectory() ? "is a folder" : "is no plain file" };
  if (seen.size > MOST_BYTES) return { state: "wrong", because: `has ${seen.size} bytes, more than any such file` };
  const text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
  return text.includes("\0") ? NO_TEXT : { state: "there", value: text };
}

const NO_TEXT = { state: "wrong", because: "holds bytes that are no text" } as const;

/** Nothing is wrong with the file as far as these tell: too many open files, a disk that fails, no memory. */
const UNREAD = new Set(["EMFILE", "ENFILE", "EIO", "ENOMEM", "EAGAIN", "EBUSY"]);

function unread(code: string): StateRead<never> {
  if (code === "ENOENT" || code === "ENOTDIR") return { state: "missing" };
  if (code === "EACCES" || code === "EPERM") return { state: "wrong", because: "may not be read by this user", denied: true };
  if (UNREAD.has(code)) return { state: "wrong", because: `cannot be read (${code})`, unread: true };
  return code.startsWith("ERR_ENCODING") ? NO_TEXT : { state: "wrong", because: `cannot be read (${code})` };
}

/** The problem that names a file which is not what was written. */
export function damaged(path: string, because: string, hint: string): ProblemError {
  return failure("BAL-S035", path, because, { hint });
}
