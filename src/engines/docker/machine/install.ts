import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type Dockerode from "dockerode";
import { failure } from "../../../kernel/problem.ts";
import { type CommandResult, runCommand } from "../container/command.ts";
import { bounded } from "./bounded.ts";
import type { MachineCode } from "./codes.ts";
import type { InstallStep } from "./doctor.ts";

const UPDATE_SECONDS = 300;
const INSTALL_SECONDS = 1200;
const START_SECONDS = 60;
const PING_MILLISECONDS = 2000;
const SHOWN_LINES = 12;

export interface InstallRequest {
  readonly steps: readonly InstallStep[];
  readonly docker: Dockerode;
  readonly systemd: boolean;
  /** Where a Docker Engine that no systemd runs writes its log. */
  readonly dockerLog: string;
  readonly onLine: (line: string) => void;
  readonly signal?: AbortSignal;
}

function failed(code: MachineCode, message: string, lines: readonly string[], hint: string): never {
  const shown = lines.slice(-SHOWN_LINES).join("\n");
  throw failure(code, "machine", shown === "" ? message : `${message}; its last lines:\n${shown}`, { hint });
}

function run(request: InstallRequest, command: string, args: readonly string[], timeoutSeconds: number): Promise<CommandResult> {
  const { onLine, signal } = request;
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  return runCommand({ command, args, timeoutSeconds, env, onLine, ...(signal === undefined ? {} : { signal }) });
}

function well(result: CommandResult): boolean {
  return result.end === "exited" && result.exitCode === 0;
}

async function isInstalled(name: string): Promise<boolean> {
  const seen = await runCommand({ command: "dpkg-query", args: ["--show", "--showformat=${db:Status-Status}", name], timeoutSeconds: 15 });
  return well(seen) && seen.stdout === "installed";
}

/** The packages of the list that are not there. Naming one that is there would upgrade it, and a server may be running from it. */
async function notInstalled(packages: readonly string[]): Promise<readonly string[]> {
  const there = await Promise.all(packages.map(isInstalled));
  return packages.filter((_, index) => !there[index]);
}

async function aptInstall(request: InstallRequest, packages: readonly string[]): Promise<void> {
  const wanted = await notInstalled(packages);
  if (wanted.length === 0) return;
  const updated = await run(request, "apt-get", ["update"], UPDATE_SECONDS);
  if (!well(updated)) request.onLine("apt-get update failed; trying with the package lists that are there");
  const options = [
    "install",
    "--yes",
    "--no-install-recomrepairs",
    "--no-upgrade",
    "-o",
    "DPkg::Lock::Timeout=120",
    "-o",
    "Dpkg::Options::=--force-confold",
  ];
  const installed = await run(request, "apt-get", [...options, ...wanted], INSTALL_SECONDS);
  if (well(installed)) return;
  failed(
    "BAL-I101",
    `installing ${wanted.join(", ")} ${installed.end === "exited" ? "failed" : installed.end}`,
    installed.tail,
    "Repair what apt-get says above, then run the same command again.",
  );
}

async function answers(docker: Dockerode): Promise<boolean> {
  const ping = bounded(docker.ping(), PING_MILLISECONDS);
  return ping.then(
    () => true,
    () => false,
  );
}

/** A session of its own: the engine outlives Ballast, and a Ctrl-C in this terminal does not reach it. */
function spawnEngine(logFile: string): { readonly gone: () => boolean } {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, "a", 0o640);
  let gone = false;
  const child = spawn("dockerd", [], { detached: true, stdio: ["ignore", log, log] });
  child.once("error", () => {
    gone = true;
  });
  child.once("exit", () => {
    gone = true;
  });
  child.unref();
  closeSync(log);
  return { gone: () => gone };
}

async function startDocker(request: InstallRequest): Promise<void> {
  if (await answers(request.docker)) return;
  let engine: { readonly gone: () => boolean } | undefined;
  if (request.systemd) {
    const started = await run(request, "systemctl", ["enable", "--now", "docker"], START_SECONDS);
    if (!well(started)) failed("BAL-I102", "systemd could not start the Docker Engine", started.tail, "See: journalctl -u docker");
  } else {
    request.onLine(`starting dockerd, its log is ${request.dockerLog}`);
    engine = spawnEngine(request.dockerLog);
  }
  for (let waitedSeconds = 0; waitedSeconds < START_SECONDS && !request.signal?.aborted; waitedSeconds += 1) {
    if (await answers(request.docker)) return;
    if (engine?.gone()) break;
    await sleep(1000);
  }
  const log = request.systemd ? "" : await readFile(request.dockerLog, "utf8").catch(() => "");
  const where = request.systemd ? "journalctl -u docker" : request.dockerLog;
  failed(
    "BAL-I102",
    `the Docker Engine does not answer after ${START_SECONDS} s or ended`,
    log.trimEnd().split("\n"),
    `The cause is in its log: ${where}`,
  );
}

/** Does the steps in order; each is idempotent, so a broken-off installation is simply run again. */
export async function install(request: InstallRequest): Promise<void> {
  for (const step of request.steps) {
    switch (step.step) {
      case "apt-install":
        await aptInstall(request, step.packages);
        break;
      case "start-docker":
        await startDocker(request);
        break;
      default:
        step satisfies never;
    }
  }
}
