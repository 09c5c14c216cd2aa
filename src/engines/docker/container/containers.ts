import type Dockerode from "dockerode";
import type { Change } from "../../../domain/plan/change.ts";
import type { NodeId, StackId } from "../../../domain/stack/node.ts";
import { nameOf, nodeId, stackOf } from "../../../domain/stack/node.ts";
import { failure, type ProblemError } from "../../../kernel/problem.ts";
import { engineCall, orAbsent, statusOf, tolerating } from "../call.ts";
import { isIn, startAttached } from "../network/attachment.ts";
import type { Found } from "../observe/found.ts";
import { declaredOf, labelsOf, objectName, ownAliases, ownFilter } from "../observe/labels.ts";
import { BOUNDARY, boundaryName, type OwnNetwork, ownContainer, ownNetwork } from "../observe/own-objects.ts";
import { untilSteady } from "../observe/steady.ts";
import { RUNS_AS, type Scope } from "../scope.ts";
import { conditionOf } from "./condition.ts";
import { lastLines } from "./log-stream.ts";
import { cpuCeiling, hangs, isMadeLike, MADE_LABEL, type Made, madeOf, restartPolicy } from "./made-from.ts";
import { putRight } from "./put-right.ts";
import { SECURITY_OPTIONS, WATCHING_OPTIONS } from "./seccomp.ts";
import { unpause } from "./unpause.ts";
import type { DesiredContainer } from "./wanted-container.ts";

const STOP_SECONDS = 30;
const HUNG_STOP_SECONDS = 5;
const MIB = 1024 * 1024;
const SECOND_NS = 1_000_000_000;

/**
 * Docker's own resolver hands on what it does not know to the name servers of the machine, also from internal networks: egress for data. Given a
 * loopback address, which is the container's own, it finds nobody there; names of containers it answers itself. It then stays silent, so its askers
 * must not wait for long.
 */
export const OWN_NAMES_ONLY = { servers: ["127.0.0.1"], options: ["timeout:1", "attempts:2"] } as const;

/**
 * A peer whose machine or network went away without a word is noticed in seconds, by whoever waits for it: the kernel's own defaults are two hours for a
 * connection that is idle, a quarter of an hour for one that sends, and two minutes for one that begins.
 */
export const NOTICES_SILENCE = {
  "net.ipv4.tcp_keepalive_time": "10",
  "net.ipv4.tcp_keepalive_intvl": "3",
  "net.ipv4.tcp_keepalive_probes": "4",
  "net.ipv4.tcp_retries2": "7",
  "net.ipv4.tcp_syn_retries": "3",
} as const;

/** Rights that no container of ours has: nothing runs as root, gains privileges, writes its own root, keeps a capability or asks for names outside. */
export function hardening(
  desired: Pick<
    DesiredContainer,
    "memoryMiB" | "processMiB" | "cpuShares" | "cpus" | "pidsLimit" | "openFiles" | "tmpfs" | "resolvesOutside" | "watchesFiles"
  >,
): Dockerode.HostConfig {
  return {
    ...(desired.resolvesOutside === true ? {} : { Dns: [...OWN_NAMES_ONLY.servers], DnsOptions: [...OWN_NAMES_ONLY.options] }),
    Init: true,
    ReadonlyRootfs: true,
    CapDrop: ["ALL"],
    SecurityOpt: [...(desired.watchesFiles === true ? WATCHING_OPTIONS : SECURITY_OPTIONS)],
    Memory: desired.memoryMiB * MIB,
    MemorySwap: desired.memoryMiB * MIB,
    CpuShares: desired.cpuShares,
    ...cpuCeiling(desired.cpus),
    PidsLimit: desired.pidsLimit,
    Tmpfs: { ...desired.tmpfs },
    // What lies in memory may be secret: a crash leaves none of it behind.
    Ulimits: [{ Name: "core", Soft: 0, Hard: 0 }, ...dataLimit(desired.processMiB), ...filesLimit(desired.openFiles)],
    Sysctls: { ...NOTICES_SILENCE },
    LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } },
  };
}

/** RLIMIT_DATA: what is shared with other processes does not count. A process that asks for more is told no, where the container's own limit would end one. */
function dataLimit(mebibytes: number | undefined): Dockerode.Ulimit[] {
  if (mebibytes === undefined) return [];
  return [{ Name: "data", Soft: mebibytes * MIB, Hard: mebibytes * MIB }];
}

function filesLimit(count: number | undefined): Dockerode.Ulimit[] {
  return count === undefined ? [] : [{ Name: "nofile", Soft: count, Hard: count }];
}

/** @param filled true where its volumes were filled before: then Docker, which works as root, copies nothing of the image into one that its tenant emptied. */
export function mountsOf(desired: Pick<DesiredContainer, "files" | "volumes">, filled = false): Dockerode.MountSettings[] {
  const more = filled ? { VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: "local", Options: {} } } } : {};
  return [
    ...Object.entries(desired.files).map(([Source, Target]) => ({ Type: "bind" as const, Source, Target, ReadOnly: true })),
    ...Object.entries(desired.volumes).map(([Source, Target]) => ({ Type: "volume" as const, Source, Target, ...more })),
  ];
}

/** Every container of ours, running or not; of one stack or of all. */
export async function listContainers(scope: Scope, stack?: StackId): Promise<readonly Dockerode.ContainerInfo[]> {
  const filters = ownFilter(scope.owner, stack);
  return await engineCall("containers", () => scope.docker.listContainers({ all: true, filters }));
}

export async function lookAtContainers(scope: Scope, stack: StackId | undefined): Promise<Found> {
  return nodesAmong(await listContainers(scope, stack));
}

/** The nodes that containers say they are. */
export function nodesAmong(containers: readonly Dockerode.ContainerInfo[]): Found {
  const nodes = containers.flatMap((container) => {
    const found = declaredOf(container.Labels);
    return found === undefined
      ? []
      : [
          {
            ...found,
            ...conditionOf(container),
            ...(hangs(container.Labels, container.Status) ? hanging(container.Labels) : {}),
            facts: { image: container.ImageID.slice(7, 19), status: container.Status },
          },
        ];
  });
  return { nodes };
}

function hanging(labels: Readonly<Record<string, string>>) {
  const because =
    labels["ballast.kind"] === "pooler"
      ? "runs, and has not answered who connects for more than a minute"
      : "runs, and has given no sign of life for more than a minute";
  return { hangs: true, because } as const;
}

export type ContainerOutcome = "created" | "replaced" | "started" | "repaired" | "nothing";

interface Desired {
  readonly network: OwnNetwork | undefined;
  readonly spec: string | undefined;
  readonly made: Made;
}

/** True for one made as it would be made now, and inside its network: taken out of it, it would never answer, however long it is waited for. */
function isAsDesired(found: Dockerode.ContainerInspectInfo, desired: Desired): boolean {
  return isIn(found, desired.network) && isMadeLike(found.Config.Labels, desired.spec, desired.made);
}

/**
 * Has the desired container running; one with another declaration, or made otherwise, is stopped and recreated. An update makes even an equal one again,
 * for changes beside it, unless it is one in place: then limits and networks are put right while it runs.
 */
export async function runContainer(
  scope: Scope,
  desired: DesiredContainer,
  options: { change: Pick<Change, "verb" | "inPlace" | "restarts">; beforeStart?: () => Promise<void> },
): Promise<ContainerOutcome> {
  const { change, beforeStart = async () => undefined } = options;
  const id = desired.node.id;
  const made = await madeOf(desired);
  const labels: Record<string, string> = { ...labelsOf(scope.owner, desired.node), [MADE_LABEL]: JSON.stringify(made) };
  const found = await ownContainer(scope, id);
  const network = await ownNetwork(scope, nodeId(stackOf(id), BOUNDARY));
  const equal = found !== undefined && staysAsItIs(change) && isAsDesired(found, { network, spec: labels["ballast.spec"], made });
  if (equal && found.State.Running) {
    await beforeStart();
    // Nothing of it was lost: it goes on where it was held, and is not recreated.
    if (found.State.Paused) {
      await unpause(scope, id, found.Id);
      return "started";
    }
    return await whileItRuns(scope, desired, { change, found });
  }
  if (found !== undefined && !equal) await makeRoom(scope, id, found);
  const container = equal ? scope.docker.getContainer(found.Id) : await createContainer(scope, { desired, labels });
  await beforeStart();
  await startAttached(scope, id, container);
  return equal ? "started" : found === undefined ? "created" : "replaced";
}

/** Removes what another one follows, once it is sure that there can be one: what somebody else has of our name would leave nothing in its place. */
async function makeRoom(scope: Scope, id: NodeId, found: Dockerode.ContainerInspectInfo): Promise<void> {
  const name = objectName(scope.owner, id);
  const other = await orAbsent(id, () => scope.docker.getContainer(name).inspect());
  if (other !== undefined && other.Id !== found.Id && other.Name === `/${name}`) throw nameTaken(id, name);
  await removeContainer(scope, id);
}

function nameTaken(id: NodeId, name: string, cause?: unknown): ProblemError {
  const hint = `give it another name, or remove it: docker rename ${name} OTHER`;
  return failure("BAL-E006", id, `a container named ${name} is not ours`, { hint, ...(cause === undefined ? {} : { cause }) });
}

function staysAsItIs(change: Pick<Change, "verb" | "inPlace">): boolean {
  return change.verb !== "update" || change.inPlace === true;
}

async function whileItRuns(
  scope: Scope,
  desired: DesiredContainer,
  { change, found }: { change: Pick<Change, "verb" | "inPlace" | "restarts">; found: Dockerode.ContainerInspectInfo },
): Promise<ContainerOutcome> {
  if (change.restarts === true && found.State.Health?.Status === "unhealthy") return await restart(scope, desired.node.id, found.Id);
  if (change.verb === "start" && found.RestartCount > 0) {
    await untilSteady(scope, desired.node.id, found.Id);
  }
  return change.inPlace === true ? await putRight(scope, desired, found) : "nothing";
}

/** What gives no sign of life answers no signal either: it gets a moment, and is killed. */
async function restart(scope: Scope, id: NodeId, container: string): Promise<ContainerOutcome> {
  await engineCall(id, () => scope.docker.getContainer(container).restart({ t: HUNG_STOP_SECONDS }));
  return "started";
}

async function createContainer(
  scope: Scope,
  { desired, labels }: { desired: DesiredContainer; labels: Record<string, string> },
): Promise<Dockerode.Container> {
  const network = await boundaryName(scope, stackOf(desired.node.id));
  const name = objectName(scope.owner, desired.node.id);
  const port = desired.publish === undefined ? undefined : `${desired.publish.port}/tcp`;
  return await creation(desired.node.id, name, () =>
    scope.docker.createContainer({
      name,
      Hostname: nameOf(desired.node.id),
      Image: desired.imageId,
      Cmd: [...desired.command],
      User: `${RUNS_AS}:${RUNS_AS}`,
      ...(desired.environment === undefined ? {} : { Env: Object.entries(desired.environment).map(([key, value]) => `${key}=${value}`) }),
      Labels: labels,
      StopTimeout: desired.stopSeconds ?? STOP_SECONDS,
      Healthcheck: {
        Test: ["CMD", ...desired.health],
        Interval: 30 * SECOND_NS,
        Timeout: 10 * SECOND_NS,
        StartPeriod: 60 * SECOND_NS,
        Retries: 3,
      },
      ...(port === undefined ? {} : { ExposedPorts: { [port]: {} } }),
      HostConfig: {
        ...hardening(desired),
        Mounts: mountsOf(desired, desired.node.kind === "odoo"),
        NetworkMode: network,
        ...(desired.cgroupParent === undefined ? {} : { CgroupParent: desired.cgroupParent }),
        RestartPolicy: restartPolicy(desired.restart),
        ...(port === undefined || desired.publish === undefined
          ? {}
          : { PortBindings: { [port]: [{ HostIp: desired.publish.address, HostPort: String(desired.publish.hostPort) }] } }),
      },
      NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [...ownAliases(desired.node.id, network)] } } },
    }),
  );
}

/** Ours was looked for before, so whoever has the name is a stranger. */
async function creation(id: NodeId, name: string, create: () => Promise<Dockerode.Container>): Promise<Dockerode.Container> {
  return await engineCall(id, async () => {
    try {
      return await create();
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
      throw nameTaken(id, name, error);
    }
  });
}

/** Stops a container with time to finish its requests, then removes it. */
export async function removeContainer(scope: Scope, id: NodeId): Promise<void> {
  const found = await ownContainer(scope, id);
  if (found === undefined) return;
  const container = scope.docker.getContainer(found.Id);
  await tolerating(id, [304, 404], () => container.stop());
  await tolerating(id, [404, 409], () => container.remove({ force: true, v: false }));
}

export async function stopContainers(scope: Scope, stack: StackId): Promise<void> {
  const containers = await engineCall(stack, () => scope.docker.listContainers({ filters: ownFilter(scope.owner, stack) }));
  await Promise.all(containers.map((one) => tolerating(stack, [304, 404], () => scope.docker.getContainer(one.Id).stop())));
}

/** The address of a running container inside its own boundary; undefined when it does not run. */
export async function addressOf(scope: Scope, id: NodeId): Promise<string | undefined> {
  const found = await ownContainer(scope, id);
  if (found === undefined || !found.State.Running) return undefined;
  // It was made in the network of its own stack; whichever others it joined since are those of its users.
  const address = found.NetworkSettings.Networks[found.HostConfig.NetworkMode ?? ""]?.IPAddress;
  return address === "" ? undefined : address;
}

/** The last lines that a container wrote, for a message about why it does not start. */
export async function lastWords(scope: Scope, id: NodeId, lines: number): Promise<string> {
  const found = await ownContainer(scope, id);
  if (found === undefined) return "";
  // They only say more about another fault: where Docker has none to give, as of a container that is being removed (409), that fault is told without them.
  return await lastLines(scope, found.Id, lines).catch(() => "");
}
