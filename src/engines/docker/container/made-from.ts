import type Dockerode from "dockerode";
import type { NodeKind } from "../../../domain/stack/node.ts";
import type { Edit } from "../../../domain/stack/observation.ts";
import { canonicalJson, hashOf, type Json } from "../../../kernel/canonical.ts";
import { contentEdits, contentHash } from "./file-content.ts";
import type { DesiredContainer } from "./wanted-container.ts";

export const MADE_LABEL = "ballast.made";
const MIB = 1024 * 1024;

/** From here on the health check of an Odoo asks for its sign of life, which no queue of requests delays. */
const SIGN_OF_LIFE_MAKE = 4;
/** Raised when this version makes a kind otherwise from the same declaration: containers of an older one are then recreated. */
const MAKE: Partial<Record<NodeKind, number>> = { egress: 3, ingress: 6, odoo: 5 };
/**
 * 2: names outside are no longer resolved. 3: a silent peer is noticed in seconds; the pooler finds its server in its own network. 4: asynchronous I/O and queues of
 * POSIX are refused; a pooler keeps no named statements, and its health is asked by its own protocol.
 */
const USUAL_MAKE = 4;

/** The number of how this version makes a kind. */
export function makeOf(kind: NodeKind): number {
  return MAKE[kind] ?? USUAL_MAKE;
}

/** What a container was made like, as far as somebody could change it behind our back or another version would make it otherwise. */
export interface Made {
  readonly [key: string]: Json;
  readonly make: number;
  readonly memoryMiB: number;
  readonly cpuShares: number;
  /** 0 where there is no ceiling. */
  readonly cpus: number;
  readonly pidsLimit: number;
  readonly restart: string;
  /** Hash of everything else; Docker itself never changes that on a living container. */
  readonly rest: string;
  /** File on the host → start of the hash of its content. */
  readonly files: { readonly [path: string]: string };
}

/** What a container will be made like, for its label. Files must be written before. */
export async function madeOf(desired: DesiredContainer): Promise<Made> {
  const { node, memoryMiB, cpuShares, cpus = 0, pidsLimit, restart, command, files, volumes, tmpfs, health } = desired;
  const publish: Json = desired.publish === undefined ? null : { ...desired.publish };
  const rest = hashOf({
    imageId: desired.imageId,
    command: [...command],
    files: { ...files },
    volumes: { ...volumes },
    tmpfs: { ...tmpfs },
    health: [...health],
    publish,
    cgroupParent: desired.cgroupParent ?? null,
    ...(desired.processMiB === undefined ? {} : { processMiB: desired.processMiB }),
    ...(desired.openFiles === undefined ? {} : { openFiles: desired.openFiles }),
    ...(desired.environment === undefined ? {} : { environment: { ...desired.environment } }),
  });
  const hashes: Record<string, string> = {};
  const once = new Set(desired.readOnce);
  for (const path of [...Object.keys(files).filter((file) => !once.has(file)), ...(desired.tracked ?? [])]) {
    const hash = await contentHash(path);
    if (hash !== undefined) hashes[path] = hash;
  }
  return { make: makeOf(node.kind), memoryMiB, cpuShares, cpus, pidsLimit, restart, rest: rest.slice(0, 16), files: hashes };
}

function readMade(labels: Readonly<Record<string, string>>): Made | undefined {
  try {
    return JSON.parse(labels[MADE_LABEL] ?? "") as Made;
  } catch {
    return undefined;
  }
}

/**
 * Whether this container is known to hang, and not merely to have too much work: it is an Odoo whose sign of life stays away, or a pooler, which answers whoever
 * comes at once, with a refusal at least.
 */
export function hangs(labels: Readonly<Record<string, string>>, status: string): boolean {
  if (labels["ballast.kind"] === "pooler") return status.includes("(unhealthy)");
  const make = readMade(labels)?.make ?? 0;
  return labels["ballast.kind"] === "odoo" && make >= SIGN_OF_LIFE_MAKE && status.includes("(unhealthy)");
}

/** True when a container with these labels is what is wanted now. Limits do not count: they are put right while it runs. */
export function isMadeLike(labels: Readonly<Record<string, string>>, spec: string | undefined, wanted: Made): boolean {
  const made = readMade(labels);
  if (made === undefined || labels["ballast.spec"] !== spec) return false;
  return (
    canonicalJson({ make: made.make, rest: made.rest, files: made.files }) ===
    canonicalJson({ make: wanted.make, rest: wanted.rest, files: wanted.files })
  );
}

/** How a living container differs from what it was made like. */
export async function editsOf(kind: NodeKind, found: Dockerode.ContainerInspectInfo): Promise<readonly Edit[]> {
  const made = readMade(found.Config.Labels);
  const make = makeOf(kind);
  if (made?.make !== make) {
    return [{ field: "made by an older version of Ballast", made: made?.make ?? 0, found: make, repair: "remake" }];
  }
  return [...limitEdits(made, found.HostConfig), ...(await contentEdits(made.files, "remake"))];
}

function limitEdits(made: Made, host: Dockerode.HostConfig): readonly Edit[] {
  const now: Readonly<Record<string, Json>> = {
    memoryMiB: Math.round((host.Memory ?? 0) / MIB),
    cpuShares: host.CpuShares ?? 0,
    cpus: (host.CpuQuota ?? 0) / CPU_PERIOD_US,
    pidsLimit: host.PidsLimit ?? 0,
    restart: host.RestartPolicy?.Name || "no",
  };
  return Object.entries(now).flatMap(([field, value]): Edit[] =>
    made[field] === value ? [] : [{ field, made: made[field], found: value, repair: "live" }],
  );
}

export const CPU_PERIOD_US = 20_000;

/** As a share of time, which may exceed the processors that a machine has: Docker refuses a number of them that does. */
export function cpuCeiling(cpus: number | undefined): { CpuPeriod?: number; CpuQuota?: number } {
  return cpus === undefined ? {} : { CpuPeriod: CPU_PERIOD_US, CpuQuota: Math.round(cpus * CPU_PERIOD_US) };
}

/** The limits of a desired container, as Docker takes them for a container that runs. */
export function liveLimits(desired: Pick<DesiredContainer, "memoryMiB" | "cpuShares" | "cpus" | "pidsLimit" | "restart">): object {
  return {
    Memory: desired.memoryMiB * MIB,
    MemorySwap: desired.memoryMiB * MIB,
    CpuShares: desired.cpuShares,
    ...cpuCeiling(desired.cpus),
    PidsLimit: desired.pidsLimit,
    RestartPolicy: restartPolicy(desired.restart),
  };
}

export function restartPolicy(restart: DesiredContainer["restart"]): Dockerode.HostRestartPolicy {
  return restart === "no" ? { Name: "no" } : { Name: "on-failure", MaximumRetryCount: 10 };
}
