import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { replaceFileNow } from "../../adapters/files/replace-file.ts";
import { readStateFile } from "../../adapters/files/state-file.ts";
import { runCommand } from "../../engines/docker/container/command.ts";
import { failure } from "../../kernel/problem.ts";
import { installationOf, readSurroundings } from "../installation/installation.ts";
import { ownPackage } from "../installation/package-root.ts";
import { serviceUnit, UNIT_FOLDER, unitName } from "./service-unit.ts";

const SYSTEMCTL_SECONDS = 90;
/** What an installation may be told by its environment and that is no secret. */
const PLAIN_SETTINGS = ["BALLAST_STATE_HOME", "BALLAST_KEY_FILE"] as const;

/** The services of this machine that keep fleets' control planes running. */
export function thisService(env: NodeJS.ProcessEnv, main: string) {
  return {
    async of(fleet: string) {
      const unit = unitName(fleet);
      const file = join(UNIT_FOLDER, unit);
      const installation = installationOf(readSurroundings(env), fleet);
      const settingsFile = join(installation.root, "service.env");
      const text = serviceUnit({
        fleet,
        node: process.execPath,
        main,
        packageRoot: ownPackage().root,
        root: installation.root,
        logFile: installation.logFile,
        settingsFile,
        environment: Object.fromEntries(PLAIN_SETTINGS.flatMap((name) => (env[name] ? [[name, env[name]]] : []))),
      });
      const systemd = existsSync("/run/systemd/system");
      const installed = existsSync(file);
      return {
        unit,
        file,
        text,
        systemd,
        installed,
        outdated: installed && !saysThe(file, text),
        enabled: systemd && installed && (await says(["is-enabled", "--quiet", unit])),
        active: systemd && installed && (await says(["is-active", "--quiet", unit])),
        async install(): Promise<void> {
          writing(file, () => {
            if (env["BALLAST_DATABASE_URL"])
              replaceFileNow(settingsFile, `BALLAST_DATABASE_URL=${JSON.stringify(env["BALLAST_DATABASE_URL"])}\n`, { mode: 0o600 });
            replaceFileNow(file, text, { mode: 0o644 });
          });
          await systemctl(["daemon-reload"]);
          await systemctl(["enable", unit]);
        },
        /** Resolves with 1 when it could not be started; a service that runs goes its own way. */
        async start(): Promise<number> {
          const started = await runCommand({ command: "systemctl", args: ["restart", unit], timeoutSeconds: SYSTEMCTL_SECONDS });
          return started.end === "exited" && started.exitCode === 0 ? await new Promise<number>(() => undefined) : 1;
        },
        /** The control plane goes on, and no longer starts with the machine. */
        async remove(): Promise<void> {
          if (systemd) await systemctl(["disable", unit]);
          writing(file, () => {
            for (const one of [file, settingsFile]) rmSync(one, { force: true });
          });
          if (systemd) await systemctl(["daemon-reload"]);
        },
      };
    },
  };
}

function saysThe(file: string, text: string): boolean {
  const found = readStateFile(file, { form: "a unit", read: (content) => content });
  return found.state === "there" && found.value === text;
}

async function says(args: readonly string[]): Promise<boolean> {
  const asked = await runCommand({ command: "systemctl", args, timeoutSeconds: SYSTEMCTL_SECONDS });
  return asked.end === "exited" && asked.exitCode === 0;
}

async function systemctl(args: readonly string[]): Promise<void> {
  const ran = await runCommand({ command: "systemctl", args, timeoutSeconds: SYSTEMCTL_SECONDS });
  if (ran.end === "exited" && ran.exitCode === 0) return;
  throw failure("BAL-C019", "systemd", `systemctl ${args.join(" ")} failed: ${ran.tail.slice(-3).join("; ") || ran.end}`);
}

function writing(file: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw failure("BAL-C019", file, `cannot be written: ${(error as Error).message}`, { hint: "run it as root", cause: error });
  }
}
