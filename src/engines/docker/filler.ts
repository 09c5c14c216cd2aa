import type Dockerode from "dockerode";
import type { AnyNode, NodeId } from "../../domain/stack/node.ts";
import { engineCall, tolerating } from "./call.ts";
import { hardening } from "./containers.ts";
import { objectName, volumeLabels } from "./labels.ts";
import { assertNotForeign } from "./own-objects.ts";
import { RUNS_AS, type Scope } from "./scope.ts";

/** Says of a container that it fills a volume: as long as it is there, that volume does not count as there. */
export const FILLING = "ballast.filling";
/** Says whose data the volume takes over. */
export const FORMER = "ballast.former";

/** What a node's filler is named; the other name is for its successor, since the mark of a volume must not be gone before there is another one. */
const NAMES = ["filling", "refill"] as const;

/** The fillers of a volume, which a killed process may have left, those that take over first; none where the volume is whole. */
export async function fillersOf(scope: Scope, id: NodeId, volume: string): Promise<readonly Dockerode.ContainerInfo[]> {
  const filters = { label: [`${FILLING}=${scope.owner.instance}`], volume: [volume] };
  const found = await engineCall(id, () => scope.docker.listContainers({ all: true, filters }));
  return found.toSorted((one, other) => Number(FORMER in other.Labels) - Number(FORMER in one.Labels));
}

/** Takes the fillers of a volume away, which then counts as whole. */
export async function dropFiller(scope: Scope, id: NodeId, volume: string): Promise<void> {
  for (const left of await fillersOf(scope, id, volume)) await drop(scope, id, left.Id);
}

async function drop(scope: Scope, id: NodeId, container: string): Promise<void> {
  await tolerating(id, [404], () => scope.docker.getContainer(container).remove({ force: true }));
}

export interface FillerWish {
  readonly imageId: string;
  /** Made with the filler, in one call, where it is not there. */
  readonly volume: string;
  /** Where the image has the folder whose owner the volume's becomes, with `copied`. */
  readonly target: string;
  readonly copied: boolean;
  readonly former?: NodeId;
  /** A script for `sh`, and what it is given. */
  readonly script?: string;
  readonly words?: readonly string[];
}

/**
 * Makes the container that fills a volume, with the volume. One that was left by an earlier try goes only once this one is there: whatever fails or ends
 * in between, the volume is marked as not whole. What it runs sees that volume and nothing else: as the user of all images, without
 * capabilities, network or a root that can be written. A link that a tenant left in the volume leads nowhere from here.
 */
export async function createFiller(scope: Scope, node: AnyNode, wish: FillerWish): Promise<Dockerode.Container> {
  await assertNotForeign(scope, node.id, wish.volume);
  const [mark, ...more] = await fillersOf(scope, node.id, wish.volume);
  for (const one of more) await drop(scope, node.id, one.Id);
  const names = NAMES.map((name) => objectName(scope.owner, node.id, name));
  const name = names.find((one) => mark?.Names.includes(`/${one}`) !== true) as string;
  await drop(scope, node.id, name);
  const filler = await engineCall(node.id, () =>
    scope.docker.createContainer({
      name,
      Image: wish.imageId,
      User: `${RUNS_AS}:${RUNS_AS}`,
      Entrypoint: ["sh", "-euc", wish.script ?? "exit 0", "fill", ...(wish.words ?? [])],
      Cmd: [],
      Labels: {
        [FILLING]: scope.owner.instance,
        "ballast.fleet": scope.owner.fleet,
        ...(wish.former === undefined ? {} : { [FORMER]: wish.former }),
      },
      HostConfig: {
        ...hardening({ memoryMiB: 128, cpuShares: 512, cpus: 1, pidsLimit: 32, tmpfs: {} }),
        NetworkMode: "none",
        Mounts: [
          {
            Type: "volume",
            Source: wish.volume,
            Target: wish.target,
            VolumeOptions: { NoCopy: !wish.copied, Labels: volumeLabels(scope.owner, node), DriverConfig: { Name: "local", Options: {} } },
          },
        ],
      },
    }),
  );
  if (mark !== undefined) await drop(scope, node.id, mark.Id);
  return filler;
}
