import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { installationOf, readSurroundings } from "../installation/installation.ts";
import { ownPackage } from "../installation/package-root.ts";
import { environmentOf } from "../secrets/give-up-lost.ts";
import { thisService } from "../service/service.ts";
import { serverArguments } from "./server-command.ts";

interface SpawnRequest {
  readonly env: NodeJS.ProcessEnv;
  readonly main: string;
  /** Give up what was lost with a key or a store; asked for once, so never of a service. */
  readonly giveUpLost: boolean;
}

/** Starts a control plane that outlives this process and writes to its installation's log file; where it is a service, as that. */
export async function spawnServer(fleet: string, { env, main, giveUpLost }: SpawnRequest) {
  const service = await thisService(env, main).of(fleet);
  if (service.enabled && !giveUpLost) return { pid: 0, ended: service.start() };
  const installation = installationOf(readSurroundings(env), fleet);
  mkdirSync(installation.root, { recursive: true, mode: 0o711 });
  const log = openSync(installation.logFile, "a", 0o600);
  try {
    const child = spawn(process.execPath, serverArguments(main, fleet), {
      detached: true,
      cwd: ownPackage().root,
      env: environmentOf(env, giveUpLost),
      stdio: ["ignore", log, log],
    });
    const ended = new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => resolve(code ?? 1));
    });
    child.unref();
    return { pid: child.pid ?? 0, ended };
  } finally {
    closeSync(log);
  }
}
