import type Dockerode from "dockerode";
import { bounded } from "./bounded.ts";

/** What the Docker Engine holds for everybody, and how what is ours is set up. */
export interface DockerUsage {
  readonly images: number;
  readonly imageBytes: number;
  readonly volumes: number;
  readonly volumeBytes: number;
  /** Names of our containers whose log may grow without an end. */
  readonly unboundedLogs: readonly string[];
  readonly networks: readonly string[];
}

/** Sizes of volumes are measured file by file. */
const MEASURE_MILLISECONDS = 30_000;

interface DiskUsage {
  readonly LayersSize: number;
  readonly Images: readonly unknown[] | null;
  readonly Volumes: readonly { readonly UsageData?: { readonly Size: number } | null }[] | null;
}

export async function dockerUsage(docker: Dockerode): Promise<DockerUsage> {
  const [disk, ours, networks] = await Promise.all([
    bounded(docker.df() as Promise<DiskUsage>, MEASURE_MILLISECONDS),
    docker.listContainers({ all: true, filters: { label: ["ballast.fleet"] } }),
    docker.listNetworks(),
  ]);
  const inspected = await Promise.all(
    ours.map(({ Id }) =>
      docker
        .getContainer(Id)
        .inspect()
        .catch(() => undefined),
    ),
  );
  const volumes = disk.Volumes ?? [];
  return {
    images: (disk.Images ?? []).length,
    imageBytes: disk.LayersSize,
    volumes: volumes.length,
    // -1 stands for a size that was not measured.
    volumeBytes: volumes.reduce((sum, volume) => sum + Math.max(0, volume.UsageData?.Size ?? 0), 0),
    unboundedLogs: inspected.flatMap((one) =>
      one === undefined || "max-size" in (one.HostConfig.LogConfig?.Config ?? {}) ? [] : [one.Name.slice(1)],
    ),
    networks: networks.flatMap((network) => network.IPAM?.Config?.flatMap((config) => config.Subnet ?? []) ?? []),
  };
}
