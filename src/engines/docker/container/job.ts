import type { NodeId, StackId } from "../../../domain/stack/node.ts";
import { failure } from "../../../kernel/problem.ts";
import { engineCall, tolerating } from "../call.ts";
import { objectName } from "../observe/labels.ts";
import { boundaryName } from "../observe/own-objects.ts";
import { fullDisk, saysFull } from "../room.ts";
import { RUNS_AS, type Scope } from "../scope.ts";
import { hardening, mountsOf } from "./containers.ts";
import { dropJobFiles } from "./job-files.ts";
import { lastLines } from "./log-stream.ts";

/** Work that ends by itself, in a container that is gone afterwards. */
export interface Job {
  /** The node for which it works; its name makes the job's name, so that a second run replaces what a killed one left. */
  readonly node: NodeId;
  readonly name: string;
  readonly stack: StackId;
  readonly imageId: string;
  readonly entrypoint?: readonly string[];
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  /** Host folder → place inside, writable. */
  readonly folders?: Readonly<Record<string, string>>;
  readonly volumes: Readonly<Record<string, string>>;
  readonly memoryMiB: number;
  readonly seconds: number;
  readonly signal: AbortSignal;
}

/** Starts a job's container and returns its id; the caller waits for it or talks to it, and must end it. */
export async function startJob(scope: Scope, job: Job): Promise<string> {
  try {
    return await begin(scope, job);
  } catch (error) {
    await dropJobFiles(scope, job.node);
    throw error;
  }
}

/** Ends a job: neither its container nor the passwords that it read stay. */
export async function endJob(scope: Scope, node: NodeId, container: string): Promise<void> {
  await dropJobFiles(scope, node);
  await tolerating(node, [404, 409], () => scope.docker.getContainer(container).remove({ force: true, v: true }));
}

async function begin(scope: Scope, job: Job): Promise<string> {
  const name = objectName(scope.owner, job.node, job.name);
  const network = await boundaryName(scope, job.stack);
  await tolerating(job.node, [404], () => scope.docker.getContainer(name).remove({ force: true, v: true }));
  const container = await engineCall(job.node, () =>
    scope.docker.createContainer({
      name,
      Image: job.imageId,
      ...(job.entrypoint === undefined ? {} : { Entrypoint: [...job.entrypoint] }),
      Cmd: [...job.command],
      User: `${RUNS_AS}:${RUNS_AS}`,
      Env: Object.entries(job.environment ?? {}).map(([key, value]) => `${key}=${value}`),
      Labels: { "ballast.job": scope.owner.instance, "ballast.fleet": scope.owner.fleet },
      HostConfig: {
        ...hardening({ memoryMiB: job.memoryMiB, cpuShares: 512, cpus: 2, pidsLimit: 256, tmpfs: { "/tmp": "rw,nosuid,nodev,size=512m" } }),
        Mounts: [
          ...mountsOf(job),
          ...Object.entries(job.folders ?? {}).map(([Source, Target]) => ({ Type: "bind" as const, Source, Target })),
        ],
        NetworkMode: network,
      },
    }),
  );
  await engineCall(job.node, () => container.start());
  return container.id;
}

/** Runs a job to its end. One that fails is refused with its own last lines; one that takes too long is ended. */
export async function runJob(scope: Scope, job: Job): Promise<void> {
  const id = await startJob(scope, job);
  try {
    await ending(scope, job, id);
  } finally {
    await endJob(scope, job.node, id);
  }
}

/** Starts a container that was made before and waits for its end; the caller removes it. Returns the last lines that it wrote. */
export async function runToEnd(
  scope: Scope,
  job: Pick<Job, "node" | "name" | "seconds" | "signal">,
  id: string,
): Promise<readonly string[]> {
  await engineCall(job.node, () => scope.docker.getContainer(id).start());
  return await ending(scope, job, id);
}

async function ending(scope: Scope, job: Pick<Job, "node" | "name" | "seconds" | "signal">, id: string): Promise<readonly string[]> {
  const container = scope.docker.getContainer(id);
  const deadline = AbortSignal.any([job.signal, AbortSignal.timeout(job.seconds * 1000)]);
  const { StatusCode: code } = (await engineCall(job.node, () => container.wait({ abortSignal: deadline }))) as { StatusCode: number };
  const words = await engineCall(job.node, () => lastLines(scope, id, 12));
  if (code === 0) return words === "" ? [] : words.split("\n");
  if (saysFull(words)) throw fullDisk(job.node, words);
  throw failure("BAL-E007", job.node, `${job.name} ended with code ${code}: ${words}`);
}
