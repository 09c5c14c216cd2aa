import { createSealedValues, type SealedImageStore } from "../../src/adapters/vault/vault.ts";
import { dockerClient } from "../../src/app/machine/machine-engine.ts";
import { createVault } from "../../src/app/secrets/vault.ts";
import { firstFree } from "../../src/app/serve/ports.ts";
import { objectName } from "../../src/engines/docker/observe/labels.ts";
import { engineContract } from "../../src/engines/engine.contract.ts";
import { contractStacks } from "../../src/engines/stacks.contract.ts";
import { testInstallation } from "../support/docker-installation.ts";

function imagesInMemory(): SealedImageStore {
  const kept = new Map<string, Uint8Array>();
  return {
    sealedSecret: async (address, generation) => kept.get(`${address}#${generation}`),
    keepSealedSecret: async ({ address, generation, sealed }) => {
      kept.set(`${address}#${generation}`, sealed);
      return sealed;
    },
  };
}

engineContract("the Docker engine", async () => {
  const own = await testInstallation("contract");
  const docker = dockerClient();
  const { "odoo-19": odoo, postgres, traefik } = own.references as Record<string, string>;
  const images = { "odoo-19": odoo as string, postgres: postgres as string, traefik: traefik as string };
  await own.engine.prepare?.(Object.values(images), { progress: () => undefined, signal: AbortSignal.timeout(1_500_000) });
  const port = await firstFree("127.0.0.1", 18_443);
  const stacks = contractStacks({ images, port });
  const nodes = [stacks.platform, stacks.pool, stacks.tenant].flatMap((stack) => stack.nodes);
  const vault = createVault({
    sealed: createSealedValues(imagesInMemory(), { current: new Uint8Array(32).fill(1) }),
    fleet: own.installation.fleet,
    find: async (id) => nodes.find((node) => node.id === id),
    now: () => Date.now(),
  });
  const foreign = `foreign-${own.instance}`;
  return {
    engine: own.engine,
    images,
    vault,
    port,
    foreign: {
      make: async () =>
        void (await docker.createVolume({
          Name: foreign,
          Labels: { "ballast.instance": "somebody-else", "ballast.stack": stacks.tenant.id },
        })),
      isThere: async () => (await docker.getVolume(foreign).inspect()).Name === foreign,
    },
    crash: async (node) => {
      const container = docker.getContainer(objectName({ fleet: own.installation.fleet, instance: own.instance }, node));
      // Stopped by hand, so that the restart policy does not bring it back before the test looks.
      await container.stop({ t: 5 });
    },
    squeeze: async (node, memoryMiB) => {
      const container = docker.getContainer(objectName({ fleet: own.installation.fleet, instance: own.instance }, node));
      await container.update({ Memory: memoryMiB * 1024 * 1024, MemorySwap: memoryMiB * 1024 * 1024 });
    },
    async close() {
      await docker.getVolume(foreign).remove({ force: true });
      await own.destroy();
    },
  };
});
