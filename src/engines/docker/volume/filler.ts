import type Dockerode from "dockerode";
import type { AnyNode, NodeId } from "../../../domain/stack/node.ts";
import { engineCall, tolerating } from "../call.ts";
import { hardening } from "../container/containers.ts";
import { objectName, volumeLabels } from "../observe/labels.ts";
import { assertNotForeign } from "../observe/own-objects.ts";
import { RUNS_AS, type Scope } from "../scope.ts";

/** Says of a container that it fills a volume: as long as it is there, that volume does not count as there. */
export const FILLING = "ballast.filling";
/** Says whose data the volume takes over. */
export const FORMER = "ballast.former";

/** Which volume a filler marks, also where it does not mount it; those of an earlier version only mount it. */
const FILLS = "ballast.fills";
/** What a node's filler is named; the other name is for its successor, since the mark of a volume must not be gone before there is another one. */
const NAMES = ["filling", "refill"] as const;

/** The volumes that a filler says are not whole. */
export function markedBy({ Labels, Mounts }: Pick<Dockerode.ContainerInfo, "Labels" | "Mounts">): readonly string[] {
  return [Labels[FILLS], ...Mounts.map((mount) => mount.Name)].filter((one) => one !== undefined);
}

/** The fillers of a volume, which a killed process may have left, those that take over first; none where the volume is whole. */
export async function fillersOf(scope: Scope, id: NodeId, volume: string): Promise<readonly Dockerode.ContainerInfo[]> {
  const filters = { label: [`${FILLING}=${scope.owner.instance}`] };
  const found = await engineCall(id, () => scope.docker.listContainers({ all: true, filters }));
  const own = found.filter((one) => markedBy(one).includes(volume));
  return own.toSorted((one, other) => Number(FORMER in other.Labels) - Number(FORMER in one.Labels));
}

/** Takes the fillers of a volume away, which then counts as whole. */
export async function dropFiller(scope: Scope, id: NodeId, volume: string): Promise<void> {
  for (const left of await fillersOf(scope, id, volume)) await drop(scope, id, left.Id);
}

async function drop(scope: Scope, id: NodeId, container: string): Promise<void> {
  await tolerating(id, [404], () => scope.docker.getContainer(container).remove({ force: true }));
}

export interface FillerRequest {
  readonly imageId: string;
  /** Made with the filler, in one call, where it is not there. */
  readonly volume: string;
  readonly target: string;
  readonly former?: NodeId;
  /** A script for `sh`, and what it is given. */
  readonly script?: string;
  readonly words?: readonly string[];
}

/**
 * Makes the container that fills a volume, with the volume. Docker makes the volume before the container, and leaves it where the container then fails: so
 * a container without it marks it first, or the filler that an earlier try left, and goes only once the new one is there. Whatever fails or ends in between,
 * the volume is marked as not whole.
 */
export async function createFiller(scope: Scope, node: AnyNode, desired: FillerRequest): Promise<Dockerode.Container> {
  const [first, second] = namesOf(scope, node);
  const mark = await markUnfilled(scope, node, desired);
  const mounts = [
    {
      Type: "volume" as const,
      Source: desired.volume,
      Target: desired.target,
      VolumeOptions: { NoCopy: true, Labels: volumeLabels(scope.owner, node), DriverConfig: { Name: "local", Options: {} } },
    },
  ];
  const filler = await create(scope, node, { desired, name: mark.name === first ? second : first, mounts });
  await drop(scope, node.id, mark.id);
  return filler;
}

function namesOf(scope: Scope, node: AnyNode): readonly [string, string] {
  return NAMES.map((name) => objectName(scope.owner, node.id, name)) as [string, string];
}

/**
 * Says of a volume, before it is there, that it is not whole: by a container that does not mount it and never runs, or by the filler that an earlier try
 * left. `dropFiller` takes it away.
 */
export async function markUnfilled(
  scope: Scope,
  node: AnyNode,
  desired: Omit<FillerRequest, "target">,
): Promise<{ readonly id: string; readonly name: string }> {
  await assertNotForeign(scope, node.id, desired.volume);
  const [left, ...more] = await fillersOf(scope, node.id, desired.volume);
  for (const one of more) await drop(scope, node.id, one.Id);
  const [first, second] = namesOf(scope, node);
  const name = left?.Names.includes(`/${second}`) === true ? second : first;
  return { id: left?.Id ?? (await create(scope, node, { desired, name, mounts: [] })).id, name };
}

/**
 * What it runs sees the volume and nothing else: as the user of all images, without capabilities, network or a root that can be written. A link that a
 * tenant left in the volume leads nowhere from here.
 */
async function create(
  scope: Scope,
  node: AnyNode,
  { desired, name, mounts }: { desired: Omit<FillerRequest, "target">; name: string; mounts: Dockerode.MountSettings[] },
): Promise<Dockerode.Container> {
  await drop(scope, node.id, name);
  return await engineCall(node.id, () =>
    scope.docker.createContainer({
      name,
      Image: desired.imageId,
      User: `${RUNS_AS}:${RUNS_AS}`,
      Entrypoint: ["sh", "-euc", desired.script ?? "exit 0", "fill", ...(desired.words ?? [])],
      Cmd: [],
      Labels: {
        [FILLING]: scope.owner.instance,
        [FILLS]: desired.volume,
        "ballast.fleet": scope.owner.fleet,
        ...(desired.former === undefined ? {} : { [FORMER]: desired.former }),
      },
      HostConfig: {
        ...hardening({ memoryMiB: 128, cpuShares: 512, cpus: 1, pidsLimit: 32, tmpfs: {} }),
        NetworkMode: "none",
        Mounts: mounts,
      },
    }),
  );
}
