import { readdirSync, statSync } from "node:fs";
import { failure } from "../../kernel/problem.ts";
import { homesOfOthers, type Surroundings, stateHome } from "./installation.ts";

/** Folders in which there may be fleets that this user cannot see: what is theirs is not known to be nobody's. */
export function unseenHomes(around: Surroundings): readonly string[] {
  return [...[stateHome(around)].filter(isClosed), ...homesOfOthers(around).filter(mayBeThere)];
}

function isClosed(home: string): boolean {
  try {
    readdirSync(home);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EACCES";
  }
}

function mayBeThere(home: string): boolean {
  try {
    return statSync(home, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

/** Refuses what is right only for somebody who sees every fleet of the machine. */
export function refuseUnseen(around: Surroundings): void {
  const [home] = unseenHomes(around);
  if (home === undefined) return;
  throw failure("BAL-C041", "ballast", `${home} is another user's: what its fleets use cannot be known`, {
    hint: "ask as that user, such as by sudo",
  });
}
