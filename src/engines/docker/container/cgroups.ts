import { existsSync } from "node:fs";
import { access, mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { textOf } from "../../../adapters/files/if-there.ts";
import type { QuotaSpec } from "../../../domain/stack/kinds/quota.ts";
import type { NodeId } from "../../../domain/stack/node.ts";
import type { Edit } from "../../../domain/stack/observation.ts";
import { failure } from "../../../kernel/problem.ts";
import { engineCall } from "../call.ts";
import { formerObjectName, isOwnName, objectName } from "../observe/labels.ts";
import type { Scope } from "../scope.ts";
import { runCommand } from "./command.ts";

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

const hosts = new WeakMap<object, Host>();

/** Asked once: an engine that is given another driver is another engine for all that it runs. */
async function hostOf(scope: Scope): Promise<Host> {
  const known = hosts.get(scope.docker);
  if (known !== undefined) return known;
  const info = (await engineCall("docker", () => scope.docker.info())) as { CgroupDriver?: string; CgroupVersion?: string };
  const host = { driver: info.CgroupDriver ?? "none", version: info.CgroupVersion ?? "1" };
  hosts.set(scope.docker, host);
  return host;
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
  for (const [file, limit] of Object.entries(classicLimits(spec))) {
    const [controller = "", setting = ""] = file.split("/");
    await writeFile(join(folder(controller), setting), limit);
  }
}

/** Controller and setting → limit, in the order in which they must be written. */
function classicLimits(spec: QuotaSpec): Readonly<Record<string, string>> {
  return {
    "memory/memory.limit_in_bytes": spec.memoryMiB === undefined ? "-1" : String(spec.memoryMiB * MIB),
    "cpu/cpu.cfs_period_us": String(PERIOD_US),
    "cpu/cpu.cfs_quota_us": spec.cpus === undefined ? "-1" : String(Math.round(spec.cpus * PERIOD_US)),
    "cpu/cpu.shares": String(spec.cpuShares),
    "pids/pids.max": spec.pids === undefined ? "max" : String(spec.pids),
  };
}

async function writeUnified(name: string, spec: QuotaSpec): Promise<void> {
  const folder = join(ROOT, name);
  await mkdir(folder, { recursive: true });
  for (const above of [ROOT, dirname(folder), folder]) {
    await writeFile(join(above, "cgroup.subtree_control"), "+memory +cpu +pids");
  }
  for (const [setting, limit] of Object.entries(unifiedLimits(spec))) await writeFile(join(folder, setting), limit);
}

function unifiedLimits(spec: QuotaSpec): Readonly<Record<string, string>> {
  return {
    "memory.max": spec.memoryMiB === undefined ? "max" : String(spec.memoryMiB * MIB),
    "cpu.max": `${spec.cpus === undefined ? "max" : Math.round(spec.cpus * PERIOD_US)} ${PERIOD_US}`,
    "cpu.weight": String(weightOf(spec.cpuShares)),
    "pids.max": spec.pids === undefined ? "max" : String(spec.pids),
  };
}

/** The folders below which the groups of all environments lie; systemd keeps its own. */
async function basesOf(scope: Scope): Promise<readonly string[]> {
  const { driver, version } = await hostOf(scope);
  if (driver === "systemd") return [];
  return version === "2" ? [ROOT] : ["memory", "cpu", "pids"].map((controller) => join(ROOT, controller));
}

const TRIES = 20;
const PAUSE_MS = 100;

/** Takes the group away. The group of a container that just ended is below it for a moment; one that still holds processes stays. */
export async function dropCgroup(scope: Scope, id: NodeId): Promise<void> {
  const bases = await basesOf(scope);
  if (bases.length === 0) return;
  const name = await nameOn(await hostOf(scope), scope, id);
  const folders = bases.map((base) => join(base, name));
  for (let tries = 1; tries <= TRIES; tries++) {
    await Promise.all(folders.map((folder) => rmdir(folder).catch(() => undefined)));
    if (!folders.some((folder) => existsSync(folder))) return;
    await sleep(PAUSE_MS);
  }
}

/** Takes away the groups of this installation whose quota is known to nobody any more, such as those of an apply that was killed. */
export async function sweepCgroups(scope: Scope, quotas: readonly NodeId[]): Promise<void> {
  const { owner } = scope;
  const known = new Set(quotas.flatMap((id) => [groupName(objectName(owner, id)), groupName(formerObjectName(owner, id))]));
  const isOwn = (name: string) => name.startsWith("ballast-") && isOwnName(owner, name.slice("ballast-".length));
  for (const base of await basesOf(scope)) {
    const names = await readdir(join(base, BESIDE)).catch(() => []);
    const strays = names.filter((name) => isOwn(name) && !known.has(`${BESIDE}/${name}`));
    await Promise.all(strays.map((name) => rmdir(join(base, BESIDE, name)).catch(() => undefined)));
  }
}

/** How the group of a quota differs from it; undefined where there is none. Docker makes a missing one again, without any limit. */
export async function cgroupEdits(scope: Scope, id: NodeId, spec: QuotaSpec): Promise<readonly Edit[] | undefined> {
  const bases = await basesOf(scope);
  if (bases.length === 0) return [];
  const host = await hostOf(scope);
  const name = await nameOn(host, scope, id);
  if (bases.some((base) => !existsSync(join(base, name)))) return undefined;
  const wanted = host.version === "2" ? unifiedLimits(spec) : classicLimits(spec);
  const edits = await Promise.all(
    Object.entries(wanted).map(async ([file, made]): Promise<readonly Edit[]> => {
      const [setting = "", controller = ""] = file.split("/").toReversed();
      const text = (await textOf(join(ROOT, controller, name, setting))) ?? "gone";
      const found = text.trim();
      return isSame(made, found) ? [] : [{ field: setting, made, found, repair: "live" }];
    }),
  );
  return edits.flat();
}

/** No limit is told as a very large number by the older interface. */
function isSame(made: string, found: string): boolean {
  return made === found || (made === "-1" && Number(found) > Number.MAX_SAFE_INTEGER / 2);
}
