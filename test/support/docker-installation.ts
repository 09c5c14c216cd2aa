import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Installation } from "../../src/app/installation/installation.ts";
import { dockerClient, type ImageStore, imagesFolder, machineEngine, openImageStore } from "../../src/app/machine/machine-engine.ts";
import { loadFleet } from "../../src/domain/fleet/load.ts";
import type { Engine } from "../../src/engines/engine.ts";

export const PACKAGE_ROOT = join(import.meta.dirname, "..", "..");
/** Kept between runs, like a user's: images in the making and finished templates. */
const CACHE = "/var/lib/ballast/.cache";

/** A place on this machine that belongs to one test alone and vanishes with it. */
export interface TestInstallation {
  readonly installation: Installation;
  readonly instance: string;
  readonly engine: Engine;
  readonly imageStore: ImageStore;
  readonly references: Readonly<Record<string, string>>;
  /** Removes every object and file of this installation, whatever state the test left it in. */
  destroy(): Promise<void>;
}

export async function testInstallation(name: string): Promise<TestInstallation> {
  const instance = randomBytes(4).toString("hex");
  const fleet = `test-${name}-${instance.slice(0, 4)}`;
  const root = `/var/lib/ballast/${fleet}`;
  const volatile = `/run/ballast/${fleet}`;
  mkdirSync(root, { recursive: true, mode: 0o711 });
  const installation: Installation = {
    fleet,
    root,
    postgres: join(root, "postgres"),
    keyFile: join(root, "sealing.key"),
    tokenFile: join(root, "api.token"),
    serverFile: join(root, "server.json"),
    endFile: join(root, "ended"),
    stoppedFile: join(root, "stopped.json"),
    logFile: join(root, "server.log"),
    credentialsFile: join(root, "credentials"),
    volatile,
    cache: CACHE,
  };
  const docker = dockerClient();
  const imageStore = await openImageStore(docker, imagesFolder(PACKAGE_ROOT), CACHE);
  const minimal = "apiVersion: ballast.dev/v1alpha1\nkind: Fleet\nmetadata: { name: test }\n";
  const loaded = loadFleet([{ path: "fleet.yaml", text: minimal }], { today: "2026-01-01" });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const references = imageStore.references(loaded.value);
  const engine = machineEngine({ docker, installation, instance, subnets: async () => "10.214.0.0/16", imageStore });
  return {
    installation,
    instance,
    engine,
    imageStore,
    references,
    async destroy() {
      await removeObjects(fleet);
      // With its last network goes what the machine's firewall knows of it.
      await engine.guard?.(0);
      rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
      rmSync(volatile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}

/** Everything that carries this fleet's name, containers first. */
async function removeObjects(fleet: string): Promise<void> {
  const docker = dockerClient();
  const filters = { label: [`ballast.fleet=${fleet}`] };
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(
    containers.map((one) =>
      docker
        .getContainer(one.Id)
        .remove({ force: true, v: true })
        .catch(() => undefined),
    ),
  );
  for (const network of await docker.listNetworks({ filters })) await docker.getNetwork(network.Id).remove();
  const { Volumes: volumes } = await docker.listVolumes({ filters });
  for (const volume of volumes ?? []) await docker.getVolume(volume.Name).remove({ force: true });
}
