import { join } from "node:path";
import { homesOfOthers, installationOf, readSurroundings, stateHome } from "./installation.ts";

/** The installations of this user on this machine, as the command line sees them. */
export function installationsOf(env: NodeJS.ProcessEnv) {
  const around = readSurroundings(env);
  return {
    home: stateHome(around),
    elsewhere: homesOfOthers(around),
    of(fleet: string) {
      const installation = installationOf(around, fleet);
      return { ...installation, authorityFile: join(installation.root, "ca.pem") };
    },
  };
}
