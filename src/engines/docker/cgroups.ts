import { access, mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { QuotaSpec } from "../../domain/stack/kinds/quota.ts";
import type { NodeId } from "../../domain/stack/node.ts";
import { failure } from "../../kernel/problem.ts";
import { engineCall } from "./call.ts";
import { runCommand } from "./command.ts";
import { formerObjectName, objectName } from "./labels.ts";
import type { Scope } from "./scope.ts";

const ROOT = "/sys/fs/cgroup";
const MIB = 1024 * 1024;
/** Short, since who is beside a wall waits for what is behind it by slices of this length. */
const PERIOD_US = 20_000;
/** Where Docker has its containers: beside them a wall weighs as much as it is given, elsewhere as much as all of them together. */
const BESIDE = "docker";

/** How this host groups processes: the driver that Docker uses, and the version of the kernel's interface. */
interface Host {
  readonly driver: string;
  readonly version: string;
}

async function hostOf(scope: Scope): Promise<Host> {
  const info = (await engineCall("docker", () => scope.docker.info())) as { CgroupDriver?: string; CgroupVersion?: string };
  return { driver: info.CgroupDriver ?? "none", version: info.CgroupVersion ?? "1" };
}

/** What Docker is told as the parent of a container, so that the wall of its environment holds for it too. */
export async function cgroupParent(scope: Scope, id: NodeId): Promise<string> {
  const host = await hostOf(scope);
  const name = await nameOn(host, scope, id);
  return host.driver === "systemd" ? name : `/${name}`;
}

/** Of version 1 and 2 of the interface, below its root. */
export function groupName(name: string): string {
  return `${BESIDE}/ballast-${name}`;
}

/** Hyphens nest slices, so the name has only the one that puts it beside the containers of Docker, in `system.slice`. */
export function sliceName(name: string): string {
  return `system-ballast_${name.replaceAll("-", "_")}.slice`;
}

/** The name of a group or slice. One that an older version made is used as long as it is there: what runs in it cannot be moved without a restart. */
async function nameOn(host: Host, { owner }: Scope, id: NodeId): Promise<string> {
  const former = formerObjectName(owner, id);
  if (host.driver === "systemd") {
    const isThere = await exists(join(ROOT, host.version === "2" ? "" : "memory", "system.slice", sliceName(former)));
    return sliceName(isThere ? former : objectName(owner, id));
  }
  const isThere = await exists(join(ROOT, host.version === "2" ? "" : "memory", groupName(former)));
  return groupName(isThere ? former : objectName(owner, id));
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

/** The weight of the newer interface for shares of the older one: runc's conversion of 2–262144 to 1–10000. */
function weightOf(shares: number): number {
  return 1 + Math.floor(((shares - 2) * 9999) / 262_142);
}

/** Makes the group, or changes its limits; processes in it notice at once. */
export async function makeCgroup(scope: Scope, id: NodeId, spec: QuotaSpec): Promise<void> {
  const host = await hostOf(scope);
  const name = await nameOn(host, scope, id);
  if (host.driver === "systemd") return await setSlice(name, id, spec);
  try {
    await (host.version === "2" ? writeUnified(name, spec) : writeClassic(name, spec));
  } catch (error) {
    throw failure("BAL-E001", id, `the quota cannot be set: ${(error as Error).message}`, {
      hint: "memory below what is already used cannot be set; stop the environment first, or give it more",
      cause: error,
    });
  }
}

async function setSlice(name: string, id: NodeId, spec: QuotaSpec): Promise<void> {
  const properties = [
    `MemoryMax=${spec.memoryMiB === undefined ? "infinity" : `${spec.memoryMiB}M`}`,
    `CPUQuota=${spec.cpus === undefined ? "" : `${Math.round(spec.cpus * 100)}%`}`,
    "CPUQuotaPeriodSec=20ms",
    `CPUWeight=${weightOf(spec.cpuShares)}`,
    `TasksMax=${spec.pids ?? "infinity"}`,
  ];
  const args = ["set-property", "--runtime", name, ...properties];
  const { end, exitCode, tail } = await runCommand({ command: "systemctl", args, timeoutSeconds: 20 });
  if (end === "exited" && exitCode === 0) return;
  throw failure(
    "BAL-E001",
    id,
    `the quota cannot be set: systemctl ${end === "exited" ? `ended with ${exitCode}` : end}: ${tail.join(" ")}`,
  );
}

async function writeClassic(name: string, spec: QuotaSpec): Promise<void> {
  const folder = (controller: string) => join(ROOT, controller, name);
  for (const controller of ["memory", "cpu", "pids"]) {
    await mkdir(dirname(folder(controller)), { recursive: true });
    await mkdir(folder(controller), { recursive: true });
  }
  const hierarchy = join(folder("memory"), "memory.use_hierarchy");
  if ((await readFile(hierarchy, "utf8").catch(() => "1")).trim() === "0") await writeFile(hierarchy, "1");
  await writeFile(join(folder("memory"), "memory.limit_in_bytes"), spec.memoryMiB === undefined ? "-1" : String(spec.memoryMiB * MIB));
  await writeFile(join(folder("cpu"), "cpu.cfs_period_us"), String(PERIOD_US));
  await writeFile(join(folder("cpu"), "cpu.cfs_quota_us"), spec.cpus === undefined ? "-1" : String(Math.round(spec.cpus * PERIOD_US)));
  await writeFile(join(folder("cpu"), "cpu.shares"), String(spec.cpuShares));
  await writeFile(join(folder("pids"), "pids.max"), spec.pids === undefined ? "max" : String(spec.pids));
}

async function writeUnified(name: string, spec: QuotaSpec): Promise<void> {
  const folder = join(ROOT, name);
  await mkdir(folder, { recursive: true });
  for (const above of [ROOT, dirname(folder), folder]) {
    await writeFile(join(above, "cgroup.subtree_control"), "+memory +cpu +pids");
  }
  await writeFile(join(folder, "memory.max"), spec.memoryMiB === undefined ? "max" : String(spec.memoryMiB * MIB));
  await writeFile(join(folder, "cpu.max"), `${spec.cpus === undefined ? "max" : Math.round(spec.cpus * PERIOD_US)} ${PERIOD_US}`);
  await writeFile(join(folder, "cpu.weight"), String(weightOf(spec.cpuShares)));
  await writeFile(join(folder, "pids.max"), spec.pids === undefined ? "max" : String(spec.pids));
}

/** Takes the group away; one that still holds processes stays until they are gone. */
export async function dropCgroup(scope: Scope, id: NodeId): Promise<void> {
  const host = await hostOf(scope);
  const { driver, version } = host;
  if (driver === "systemd") return;
  const name = await nameOn(host, scope, id);
  const folders = version === "2" ? [join(ROOT, name)] : ["memory", "cpu", "pids"].map((controller) => join(ROOT, controller, name));
  await Promise.all(folders.map((folder) => rmdir(folder).catch(() => undefined)));
}
