import { ownBuild } from "./build.ts";
import { takeGiveUpLost } from "./give-up-lost.ts";
import { installationOf, readSurroundings } from "./installation.ts";
import { ownPackage } from "./package-root.ts";
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
