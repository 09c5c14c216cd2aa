import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { installationOf, readSurroundings } from "./installation.ts";
import { ownPackage } from "./package-root.ts";

/** Seconds for which a new control plane waits until the one before it has let go. */
const WAIT_SECONDS = 30;

/** The machine belongs to Odoo: young memory stays small, and what work needed is given back after it. */
const FRUGAL = ["--max-semi-space-size=4", "--expose-gc"];

/** Starts a control plane that outlives this process and writes to its installation's log file. */
export async function spawnServer(fleet: string, env: NodeJS.ProcessEnv, main: string) {
  const installation = installationOf(readSurroundings(env), fleet);
  mkdirSync(installation.root, { recursive: true, mode: 0o711 });
  const log = openSync(installation.logFile, "a", 0o600);
  try {
    const child = spawn(process.execPath, [...FRUGAL, main, "server", "--fleet-name", fleet, "--wait", String(WAIT_SECONDS)], {
      detached: true,
      cwd: ownPackage().root,
      env,
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
