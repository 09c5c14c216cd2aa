import { join } from "node:path";
import { installationOf, MACHINE_HOME, readSurroundings, stateHome } from "./installation.ts";

/** The installations of this user on this machine, as the command line sees them. */
export function installationsOf(env: NodeJS.ProcessEnv) {
  const around = readSurroundings(env);
  return {
    home: stateHome(around),
    // The folder of root, who runs most fleets: another user finds nothing in their own and must not take that for nothing.
    elsewhere: around.stateHome === undefined && around.uid !== 0 ? [MACHINE_HOME] : [],
    of(fleet: string) {
      const installation = installationOf(around, fleet);
      return { ...installation, authorityFile: join(installation.root, "ca.pem") };
    },
  };
}
