import { compile } from "../../domain/blueprint/compile.ts";
import { certificateGeneration } from "../../domain/blueprint/context.ts";
import type { LoadedFleet } from "../../domain/fleet/model.ts";
import type { AnyNode, NodeId } from "../../domain/stack/node.ts";
import { type ComposeProject, composeProject } from "../../engines/docker/render/project.ts";
import { ProblemError } from "../../kernel/problem.ts";
import { installationOf, readSurroundings } from "../installation/installation.ts";
import { ownPackage } from "../installation/package-root.ts";
import { dockerClient, imagesFolder, openImageStore } from "../machine/machine-engine.ts";
import { createVault } from "../secrets/vault.ts";

/** Where the project listens when the fleet does not say. */
const INGRESS = { address: "127.0.0.1", port: 8443 };

/** A fleet as a Compose project with secrets of its own. Asks neither the Docker Engine nor a running control plane. */
export async function renderCompose(loaded: LoadedFleet, env: NodeJS.ProcessEnv): Promise<ComposeProject> {
  const { name, ingress } = loaded.fleet;
  const { cache } = installationOf(readSurroundings(env), name);
  const imageStore = await openImageStore(dockerClient(), imagesFolder(ownPackage().root), cache);
  const now = Date.now();
  const context = {
    images: imageStore.references(loaded),
    ingress: ingress.listen ?? INGRESS,
    certificateGeneration: certificateGeneration(now),
  };
  const compiled = compile(loaded, context);
  if (!compiled.ok) throw new ProblemError(compiled.problems);
  const { stacks } = compiled.value;
  const nodes = new Map<NodeId, AnyNode>([...stacks.values()].flatMap((stack) => stack.nodes.map((node) => [node.id, node] as const)));
  const find = (id: NodeId) => nodes.get(id);
  const vault = createVault({ sealed: inMemory(), fleet: name, now: () => now, find: async (id) => find(id) });
  return await composeProject(name, { stacks, find, vault });
}

/** Each value is made once and forgotten with the project. */
function inMemory() {
  const values = new Map<string, Promise<string>>();
  return {
    peek: async (address: string, generation: number) => await values.get(`${address}#${generation}`),
    async obtain(address: string, generation: number, make: () => Promise<string> | string): Promise<string> {
      const place = `${address}#${generation}`;
      const value = values.get(place) ?? Promise.resolve(make());
      values.set(place, value);
      return await value;
    },
  };
}
