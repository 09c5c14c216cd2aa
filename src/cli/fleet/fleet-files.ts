import { type Dirent, readdirSync, readFileSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { failure, type Problem, ProblemError } from "../../kernel/problem.ts";

export interface FleetText {
  readonly path: string;
  readonly text: string;
}

export interface FleetFolder {
  /** Absolute. */
  readonly folder: string;
  /** As it was named, for remedies that repeat it. */
  readonly shown: string;
  /** Sorted by path; paths are relative to the folder. */
  readonly files: readonly FleetText[];
}

export interface ReadingLimits {
  readonly files: number;
  readonly fileBytes: number;
  readonly totalBytes: number;
}

/** Below what the control plane accepts in one request. */
const LIMITS: ReadingLimits = { files: 5000, fileBytes: 2_000_000, totalBytes: 32 * 1024 * 1024 };
const YAML = /[.]ya?ml$/i;

interface Reading {
  readonly root: string;
  readonly limits: ReadingLimits;
  readonly seen: Set<string>;
  readonly files: FleetText[];
  readonly problems: Problem[];
  bytes: number;
}

/**
 * Reads every YAML file of a folder, or one file that is named itself. Dot folders and node_modules are left out;
 * a link that leads out of the folder is refused, for what it shows would differ from machine to machine.
 */
export function readFleetFiles(shown: string, cwd: string, limits: ReadingLimits = LIMITS): FleetFolder {
  const named = resolve(cwd, shown);
  const stats = statSync(named, { throwIfNoEntry: false });
  if (stats === undefined) throw failure("BAL-C004", shown, "there is no such folder", { hint: "name the folder that holds the fleet" });
  const folder = stats.isDirectory() ? named : dirname(named);
  const reading: Reading = { root: realpathSync(folder), limits, seen: new Set(), files: [], problems: [], bytes: 0 };
  if (stats.isDirectory()) readFolder(reading, folder, "");
  else readFile(reading, realpathSync(named), relative(folder, named), statSync(named));
  if (reading.problems.length > 0) throw new ProblemError(reading.problems);
  if (reading.files.length === 0)
    throw failure("BAL-C004", shown, "there is no YAML in this folder", { hint: "a fleet is one or more files that end in .yaml" });
  return { folder, shown, files: reading.files };
}

function readFolder(reading: Reading, folder: string, below: string): void {
  const real = realpathSync(folder);
  if (reading.seen.has(real)) return;
  reading.seen.add(real);
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    if (!(entry.isDirectory() || entry.isSymbolicLink() || YAML.test(entry.name))) continue;
    readEntry(reading, entry, { at: join(folder, entry.name), path: below === "" ? entry.name : `${below}/${entry.name}` });
    if (reading.files.length > reading.limits.files) return;
  }
}

function readEntry(reading: Reading, entry: Dirent, { at, path }: { at: string; path: string }): void {
  const stats = whereItLeads(at);
  if (stats === undefined) {
    if (YAML.test(entry.name)) refuse(reading, { code: "BAL-C005", at: path, message: "is a broken link" });
    return;
  }
  if (!stats.isDirectory() && !YAML.test(entry.name)) return;
  const real = realpathSync(at);
  if (real !== reading.root && !real.startsWith(reading.root + sep)) {
    refuse(reading, {
      code: "BAL-C005",
      at: path,
      message: "is a link that leads out of the fleet's folder",
      hint: "copy what it points to into the folder",
    });
    return;
  }
  if (stats.isDirectory()) readFolder(reading, at, path);
  else readFile(reading, real, path, stats);
}

/** Undefined where a link leads to nothing, or to itself. */
function whereItLeads(at: string): Stats | undefined {
  try {
    return statSync(at, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ELOOP") throw error;
    return undefined;
  }
}

function readFile(reading: Reading, real: string, path: string, stats: Stats): void {
  const { limits } = reading;
  if (reading.seen.has(real)) return;
  reading.seen.add(real);
  if (!stats.isFile()) return refuse(reading, { code: "BAL-C005", at: path, message: "is not a file" });
  if (stats.size > limits.fileBytes)
    return refuse(reading, {
      code: "BAL-C006",
      at: path,
      message: `has ${stats.size} bytes; at most ${limits.fileBytes} are read`,
      hint: "split it into several files",
    });
  reading.bytes += stats.size;
  if (reading.files.length >= limits.files || reading.bytes > limits.totalBytes) {
    const most = `at most ${limits.files} files and ${limits.totalBytes} bytes are read`;
    if (!reading.problems.some((problem) => problem.at === "."))
      refuse(reading, { code: "BAL-C006", at: ".", message: `the folder holds too much YAML: ${most}` });
    return;
  }
  try {
    reading.files.push({ path, text: new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(real)) });
  } catch (error) {
    const message = error instanceof TypeError ? "is not UTF-8 text" : `cannot be read: ${(error as Error).message}`;
    refuse(reading, { code: "BAL-C005", at: path, message });
  }
}

function refuse(reading: Reading, problem: Omit<Problem, "severity">): void {
  reading.problems.push({ severity: "error", ...problem });
}

const DECLARES_FLEET = /^kind:\s*["']?Fleet["']?\s*(#.*)?$/m;

/**
 * Whether a folder itself holds the Fleet document; looks into no folder below, so that it is quick anywhere. Dot files and what is no file are left out, as
 * where the folder is read. Refuses to answer where a file that may hold it cannot be read: "no" would lead a command to another fleet.
 */
export function holdsFleet(folder: string): boolean {
  const unread: string[] = [];
  for (const name of namesIn(folder)) {
    const text = textOf(join(folder, name));
    if (text === undefined) unread.push(name);
    else if (DECLARES_FLEET.test(text)) return true;
  }
  if (unread.length === 0) return false;
  const hint = "make it readable or take it away, or say which fleet is meant: --fleet NAME, or its folder";
  const message = "cannot be read, so whether the current folder holds a fleet cannot be known";
  throw new ProblemError(unread.map((at) => ({ code: "BAL-C005", severity: "error", at, message, hint })));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => YAML.test(name) && !name.startsWith("."));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return [];
  }
}

/** The text of a file, as far as one would be read; empty of what is no file, undefined where it cannot be read. */
function textOf(at: string): string | undefined {
  try {
    const stats = statSync(at);
    return stats.isFile() && stats.size <= LIMITS.fileBytes ? readFileSync(at, "utf8") : "";
  } catch {
    return undefined;
  }
}
