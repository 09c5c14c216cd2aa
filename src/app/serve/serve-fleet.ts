import { ownBuild } from "../installation/build.ts";
import { installationOf, readSurroundings } from "../installation/installation.ts";
import { ownPackage } from "../installation/package-root.ts";
import { takeGiveUpLost } from "../secrets/give-up-lost.ts";
import { serve } from "./serve.ts";

/** Runs the control plane of a fleet, as the environment of this process says. */
export async function serveFleet(
  request: { readonly fleet: string; readonly port: number; readonly waitSeconds: number },
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const around = readSurroundings(env);
  const { root, version } = ownPackage();
  return await serve({
    installation: installationOf(around, request.fleet),
    databaseUrl: around.databaseUrl,
    packageRoot: root,
    version,
    build: ownBuild(),
    port: request.port,
    waitSeconds: request.waitSeconds,
    giveUpLost: takeGiveUpLost(env),
  });
}
