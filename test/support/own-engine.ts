import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import Dockerode from "dockerode";
import { until } from "./docker-bench.ts";

const run = promisify(execFile);
const GIB = 1024 ** 3;
/** What an apply asks for is 12 GiB in all. The file is sparse: only what is written takes room. */
const DISK_GIB = 16;
const SLACK_MIB = 8;

/**
 * A Docker Engine of the test's own, which may be stopped and whose disk may be full: a daemon in mount and network namespaces of its own, with
 * its own `/run`, and a disk image as `/var/lib/docker`. What runs `inside` finds it where every engine is. The engine of the machine is not touched.
 */
export interface OwnEngine {
  /** Words before a command that is to run beside this engine. */
  readonly inside: readonly string[];
  readonly docker: Dockerode;
  start(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Brings images over from the engine of the machine. */
  load(references: readonly string[]): Promise<void>;
  /** Leaves so many MiB free on the disk of the engine; `undefined` frees what was taken. */
  leaveFree(mebibytes: number | undefined): Promise<void>;
  close(): Promise<void>;
}

const PREPARE = [
  "set -e",
  "ip link set lo up",
  "mount -t tmpfs -o mode=755 tmpfs /run",
  'mount -o loop "$DISK" /var/lib/docker',
  "echo ready",
  "exec sleep infinity",
].join("\n");

export async function ownEngine(topic: string): Promise<OwnEngine> {
  const folder = mkdtempSync(join(tmpdir(), `ballast-engine-${topic}-`));
  const disk = join(folder, "disk");
  closeSync(openSync(disk, "w"));
  truncateSync(disk, DISK_GIB * GIB);
  await run("mkfs.ext4", ["-q", "-m", "0", disk]);
  const room = spawn("unshare", ["--net", "--mount", "--propagation", "private", "sh", "-c", PREPARE], {
    env: { ...process.env, DISK: disk },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(room.stdout, "data");
  const pid = room.pid as number;
  const inside = ["nsenter", "--target", String(pid), "--net", "--mount", "--wd=/", "--"];
  // A path below the root of a process leads through its own mounts.
  const docker = new Dockerode({ socketPath: `/proc/${pid}/root/run/docker.sock` });
  const filler = `/proc/${pid}/root/var/lib/docker/filler`;
  const rest = `${filler}.rest`;
  async function start(): Promise<void> {
    const log = openSync(join(folder, "dockerd.log"), "a");
    spawn(inside[0] as string, [...inside.slice(1), "dockerd"], { stdio: ["ignore", log, log] });
    closeSync(log);
    await until("the engine answering", 60, async () => ((await docker.ping()) === undefined ? undefined : true)).catch((error: Error) => {
      throw new Error(readFileSync(join(folder, "dockerd.log"), "utf8").slice(-2000), { cause: error });
    });
  }
  /** Whoever started it: `up` starts an engine that is away. */
  async function stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const file = `/proc/${pid}/root/run/docker.pid`;
    if (!existsSync(file)) return;
    const engine = Number(readFileSync(file, "utf8"));
    process.kill(engine, signal);
    await until("the end of the engine", 60, async () => (existsSync(`/proc/${engine}`) ? undefined : true));
    rmSync(file, { force: true });
  }
  return {
    inside,
    docker,
    start,
    stop,
    async load(references) {
      const words = inside.map((word) => `'${word}'`).join(" ");
      const names = references.map((name) => `'${name}'`).join(" ");
      await run("sh", ["-c", `docker save ${names} | ${words} docker load`], { timeout: 600_000 });
    },
    async leaveFree(mebibytes) {
      for (const file of [filler, rest]) rmSync(file, { force: true });
      if (mebibytes === undefined) return;
      const { stdout } = await run(inside[0] as string, [...inside.slice(1), "df", "--output=avail", "-B1", "/var/lib/docker"]);
      const free = Number(stdout.trim().split("\n").at(-1));
      // The file system needs some blocks for the filler itself, so the last ones are written until there are none.
      await run("fallocate", ["-l", String(Math.max(1, free - Math.max(mebibytes, SLACK_MIB) * 1024 ** 2)), filler]);
      if (mebibytes === 0) await run("dd", ["if=/dev/zero", `of=${rest}`, "bs=4k"]).catch(() => undefined);
    },
    async close() {
      await stop().catch(() => undefined);
      const ended = once(room, "exit");
      room.kill("SIGKILL");
      await ended;
      if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Whether this machine lets a test have namespaces and a disk of its own. */
export function canHaveOwnEngine(): boolean {
  const tools = ["unshare", "nsenter", "mkfs.ext4", "dockerd", "fallocate"];
  if (process.getuid?.() !== 0 || tools.some((tool) => spawnSync("which", [tool]).status !== 0)) return false;
  return spawnSync("unshare", ["--net", "--mount", "true"]).status === 0;
}
