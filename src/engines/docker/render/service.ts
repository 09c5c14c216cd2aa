import { type NodeId, nameOf } from "../../../domain/stack/node.ts";
import { shortHash } from "../../../kernel/canonical.ts";
import { NOTICES_SILENCE, OWN_NAMES_ONLY } from "../container/containers.ts";
import { CPU_PERIOD_US } from "../container/made-from.ts";
import type { ContainerShape } from "../container/wanted-container.ts";
import { RUNS_AS } from "../scope.ts";

/** A file of the project, by its path in it. Secret ones are for the containers' user alone. */
export interface ProjectFile {
  readonly path: string;
  readonly content: string;
  readonly secret: boolean;
  /** What it is, for whoever must provide it. */
  readonly what: string;
}

/** A service as Compose reads it. */
export type ComposeService = Readonly<Record<string, unknown>>;

/** A service and the files that it mounts. */
export interface Part {
  readonly name: string;
  readonly service: ComposeService;
  readonly files: readonly ProjectFile[];
}

/** What could be taken for something else once hyphens join it: a tenant called like a pool or platform, and one of these called like another's part. */
const MISTAKABLE = [/^(pool|platform)-[^/]*\//, /^(pool|platform)\/[^/]*-(replica|outward)(\/|$)/];

/** The name of a node or stack in the project. Only what could be mistaken bears a hash: a project that is rendered again finds its volumes. */
export function projectName(id: string): string {
  const name = id.replaceAll("/", "-");
  return MISTAKABLE.some((one) => one.test(id)) ? `${name}-${shortHash(id)}` : name;
}

/** Files of a service by the place at which it sees them. */
export type Mounts = Readonly<Record<string, ProjectFile>>;

export interface ServiceRequest {
  readonly id: NodeId;
  readonly image: string;
  readonly shape: Pick<
    ContainerShape,
    "command" | "memoryMiB" | "processMiB" | "cpuShares" | "cpus" | "pidsLimit" | "tmpfs" | "environment" | "resolvesOutside"
  >;
  readonly mounts: Mounts;
  /** Volume → place inside. */
  readonly volumes?: Readonly<Record<string, string>>;
}

/** What all services share: no root, no capability, no new right, a root nobody can write, and limits. */
export function hardenedService({ id, image, shape, mounts, volumes = {} }: ServiceRequest): ComposeService {
  return {
    image,
    hostname: nameOf(id),
    command: shape.command.map(literal),
    ...(shape.environment === undefined ? {} : { environment: shape.environment }),
    ...(shape.resolvesOutside === true ? {} : { dns: OWN_NAMES_ONLY.servers, dns_opt: OWN_NAMES_ONLY.options }),
    user: `${RUNS_AS}:${RUNS_AS}`,
    init: true,
    read_only: true,
    cap_drop: ["ALL"],
    security_opt: ["no-new-privileges"],
    mem_limit: `${shape.memoryMiB}m`,
    memswap_limit: `${shape.memoryMiB}m`,
    cpu_shares: shape.cpuShares,
    ...(shape.cpus === undefined ? {} : { cpu_period: CPU_PERIOD_US, cpu_quota: Math.round(shape.cpus * CPU_PERIOD_US) }),
    pids_limit: shape.pidsLimit,
    tmpfs: Object.entries(shape.tmpfs).map(([place, options]) => `${place}:${options}`),
    sysctls: NOTICES_SILENCE,
    ...ulimitsOf(shape),
    logging: { driver: "json-file", options: { "max-size": "10m", "max-file": "3" } },
    stop_grace_period: "30s",
    labels: { "ballast.node": id },
    volumes: [
      ...Object.entries(mounts).map(([target, { path }]) => ({ type: "bind", source: `./${path}`, target, read_only: true })),
      ...Object.entries(volumes).map(([source, target]) => ({ type: "volume", source, target })),
    ],
  };
}

function ulimitsOf({ processMiB, openFiles }: Pick<ContainerShape, "processMiB" | "openFiles">): {
  ulimits?: Readonly<Record<string, number>>;
} {
  const limits = {
    ...(processMiB === undefined ? {} : { data: processMiB * 1024 ** 2 }),
    ...(openFiles === undefined ? {} : { nofile: openFiles }),
  };
  return Object.keys(limits).length === 0 ? {} : { ulimits: limits };
}

/** A service that goes on running, and says whether it is well. */
export function runningService(desired: ServiceRequest & { readonly shape: ContainerShape }): ComposeService {
  const { restart, health } = desired.shape;
  return {
    ...hardenedService(desired),
    restart: restart === "no" ? "no" : "on-failure:10",
    healthcheck: { test: ["CMD", ...health.map(literal)], interval: "30s", timeout: "10s", start_period: "60s", retries: 3 },
  };
}

/** Compose replaces what follows a dollar sign, unless there are two. */
function literal(word: string): string {
  return word.replaceAll("$", "$$$$");
}
