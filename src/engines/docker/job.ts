import type { NodeId, StackId } from "../../domain/stack/node.ts";
import { failure } from "../../kernel/problem.ts";
import { engineCall, tolerating } from "./call.ts";
import { hardening, mountsOf } from "./containers.ts";
import { objectName } from "./labels.ts";
import { lastLines } from "./log-stream.ts";
import { boundaryName } from "./networks.ts";
import { fullDisk, saysFull } from "./room.ts";
import { RUNS_AS, type Scope } from "./scope.ts";

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

/** Starts a job's container and returns its id; the caller waits for it or talks to it, and must remove it. */
export async function startJob(scope: Scope, job: Job): Promise<string> {
  const name = `${objectName(scope.owner, job.node)}.${job.name}`;
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
        NetworkMode: boundaryName(scope, job.stack),
      },
    }),
  );
  await engineCall(job.node, () => container.start());
  return container.id;
}

/** Runs a job to its end. One that fails is refused with its own last lines; one that takes too long is ended. */
export async function runJob(scope: Scope, job: Job): Promise<void> {
  const id = await startJob(scope, job);
  const container = scope.docker.getContainer(id);
  const deadline = AbortSignal.any([job.signal, AbortSignal.timeout(job.seconds * 1000)]);
  try {
    const { StatusCode: code } = (await engineCall(job.node, () => container.wait({ abortSignal: deadline }))) as { StatusCode: number };
    if (code === 0) return;
    const words = await engineCall(job.node, () => lastLines(scope, id, 12));
    if (saysFull(words)) throw fullDisk(job.node, words);
    throw failure("BAL-E007", job.node, `${job.name} ended with code ${code}: ${words}`);
  } finally {
    await tolerating(job.node, [404, 409], () => container.remove({ force: true, v: true }));
  }
}
