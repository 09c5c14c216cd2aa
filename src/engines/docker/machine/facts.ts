import { readFile, stat, statfs } from "node:fs/promises";
import { arch, availableParallelism, platform, totalmem } from "node:os";
import { dirname } from "node:path";
import type Dockerode from "dockerode";
import { runCommand } from "../container/command.ts";
import { bounded } from "./bounded.ts";
import { type OsRelease, parseOsRelease } from "./os-release.ts";

export type DockerState =
  | { readonly state: "running"; readonly version: string; readonly apiVersion: string }
  | { readonly state: "installed-not-running" }
  | { readonly state: "absent" }
  | { readonly state: "unreachable"; readonly because: string };

export interface MachineFacts {
  readonly platform: string;
  readonly arch: string;
  readonly os: OsRelease;
  readonly uid: number;
  readonly memoryBytes: number;
  readonly cpus: number;
  /** Free bytes for each folder that was asked for; a folder that is still to be made counts as its nearest parent. */
  readonly freeBytes: Readonly<Record<string, number>>;
  readonly docker: DockerState;
  readonly systemd: boolean;
  readonly aptAvailable: boolean;
  /** nftables, of which the firewall rules are made. */
  readonly nft: boolean;
  readonly mmdebstrap: boolean;
  readonly pip: boolean;
}

const QUICK_SECONDS = 15;
const PING_MILLISECONDS = 5000;

function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  // Where a path ends without the folders of root, the programs are still there.
  const env = { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` };
  return runCommand({ command, args, timeoutSeconds: QUICK_SECONDS, env }).then(
    (result) => result.end === "exited" && result.exitCode === 0,
  );
}

async function freeBytesAt(folder: string): Promise<number> {
  try {
    const seen = await statfs(folder);
    return seen.bavail * seen.bsize;
  } catch (error) {
    const parent = dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || parent === folder) return 0;
    return freeBytesAt(parent);
  }
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (seen) => seen.isDirectory(),
    () => false,
  );
}

async function dockerState(docker: Dockerode): Promise<DockerState> {
  try {
    const version = await bounded(docker.version(), PING_MILLISECONDS);
    return { state: "running", version: version.Version, apiVersion: version.ApiVersion };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // No socket, or one that nobody listens on: the engine is down. Anything else is an engine that we cannot talk to.
    if (code !== "ENOENT" && code !== "ECONNREFUSED") return { state: "unreachable", because: message };
    return (await succeeds("dockerd", ["--version"])) ? { state: "installed-not-running" } : { state: "absent" };
  }
}

/** Looks at the machine; changes nothing. */
export async function gatherFacts(docker: Dockerode, folders: readonly string[]): Promise<MachineFacts> {
  const [osRelease, engine, systemd, aptAvailable, nft, mmdebstrap, pip, free] = await Promise.all([
    readFile("/etc/os-release", "utf8").catch(() => ""),
    dockerState(docker),
    isFolder("/run/systemd/system"),
    succeeds("apt-get", ["--version"]),
    succeeds("nft", ["--version"]),
    succeeds("mmdebstrap", ["--version"]),
    succeeds("python3", ["-m", "pip", "--version"]),
    Promise.all(folders.map(async (folder): Promise<[string, number]> => [folder, await freeBytesAt(folder)])),
  ]);
  return {
    platform: platform(),
    arch: arch(),
    os: parseOsRelease(osRelease),
    uid: process.getuid?.() ?? -1,
    memoryBytes: totalmem(),
    cpus: availableParallelism(),
    freeBytes: Object.fromEntries(free),
    docker: engine,
    systemd,
    aptAvailable,
    nft,
    mmdebstrap,
    pip,
  };
}
