import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { failure } from "../../kernel/problem.ts";
import type { Installations } from "../port.ts";
import { type FleetFolder, holdsFleet, readFleetFiles } from "./fleet-files.ts";

/** Which fleet a command is about: files, or only the name of one that is installed here. */
export type FleetChoice =
  | { readonly kind: "files"; readonly files: FleetFolder }
  | { readonly kind: "installed"; readonly fleet: string; readonly chosen: boolean };

export interface Desired {
  readonly folder?: string | undefined;
  readonly flag?: string | undefined;
}

export interface Around {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly installations: () => Promise<Installations>;
}

/** The first that is given: the folder, `--fleet`, BALLAST_FLEET, the current folder if it holds a fleet, the only one that runs. */
export async function chooseFleet(desired: Desired, around: Around): Promise<FleetChoice> {
  if (desired.folder !== undefined) return { kind: "files", files: readFleetFiles(desired.folder, around.cwd) };
  const named = desired.flag ?? (around.env["BALLAST_FLEET"] || undefined);
  if (named !== undefined) return await byNameOrFolder(named, around);
  if (holdsFleet(around.cwd)) return { kind: "files", files: readFleetFiles(".", around.cwd) };
  return onlyOneThatRuns(await around.installations());
}

async function byNameOrFolder(named: string, around: Around): Promise<FleetChoice> {
  if (statSync(resolve(around.cwd, named), { throwIfNoEntry: false }) === undefined && /^[a-z0-9-]+$/.test(named)) {
    const installations = await around.installations();
    if (isInstalled(installations, named)) return { kind: "installed", fleet: named, chosen: true };
  }
  return { kind: "files", files: readFleetFiles(named, around.cwd) };
}

/** Any of what an installation has, whichever of it was lost. */
const SIGNS = ["api.token", "instance", "sealing.key"];

/** Whether it is installed for this user. Refuses to answer where somebody else may have installed it: what cannot be seen is not absent. */
export function isInstalled(installations: Installations, fleet: string): boolean {
  const { root } = installations.of(fleet);
  if (SIGNS.some((sign) => isThere(join(root, sign)))) return true;
  for (const home of installations.elsewhere ?? []) if (isThere(join(home, fleet))) throw cannotKnow(fleet, join(home, fleet));
  return false;
}

/** False only where it is known not to be there. */
function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EACCES") throw error;
    throw cannotKnow("ballast", path);
  }
}

/** The answer where a file or folder of an installation is closed to this user. */
export function cannotKnow(at: string, path: string) {
  return failure("BAL-C041", at, `${path} is another user's: what is there, and what runs, cannot be known`, {
    hint: "ask as that user, such as by sudo",
  });
}

function onlyOneThatRuns(installations: Installations): FleetChoice {
  const installed = foldersIn(installations.home).filter((fleet) => isInstalled(installations, fleet));
  const running = installed.filter((fleet) => statSync(installations.of(fleet).serverFile, { throwIfNoEntry: false }) !== undefined);
  if (installed.length === 0) for (const home of installations.elsewhere ?? []) if (isThere(home)) throw cannotKnow("ballast", home);
  const [only] = running.length > 0 ? running : installed;
  if (only !== undefined && (running.length === 1 || (running.length === 0 && installed.length === 1)))
    return { kind: "installed", fleet: only, chosen: false };
  const several = running.length > 1 ? running : installed;
  if (several.length > 1)
    throw failure("BAL-C003", "ballast", `several fleets are here: ${several.join(", ")}`, {
      hint: "say which: --fleet NAME, or its folder",
    });
  throw failure("BAL-C003", "ballast", "no fleet is named, the current folder holds none, and none runs here", {
    hint: "name its folder, such as examples/hello",
  });
}

function foldersIn(home: string): readonly string[] {
  try {
    return readdirSync(home, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EACCES") throw cannotKnow("ballast", home);
    return [];
  }
}

export interface FolderAndAddress {
  readonly folder?: string;
  readonly address?: string;
}

/** `[FOLDER] [ADDRESS]`: one word alone is a folder when there is one of that name. */
export function readWords(words: readonly string[], cwd: string): FolderAndAddress {
  const [first, second] = words;
  if (first === undefined) return {};
  if (second !== undefined) return { folder: first, address: second };
  const isFolder = /^[.~/]|[.]ya?ml$/.test(first) || statSync(resolve(cwd, first), { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? { folder: first } : { address: first };
}
