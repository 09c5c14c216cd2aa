import { extname, join } from "node:path";
import { Worker } from "node:worker_threads";
import { type KnownAddress, type LoadContext, loadedFrom, loadFleet } from "../domain/fleet/load.ts";
import type { Fleet, LoadedFleet } from "../domain/fleet/model.ts";
import type { FleetFile } from "../domain/fleet/source.ts";
import { type Checked, failure, type Problem, passed } from "../kernel/problem.ts";

/** What a thread says of a fleet that it read: plain data. */
export type ReadElsewhere =
  | {
      readonly ok: true;
      readonly fleet: Fleet;
      readonly warnings: readonly Problem[];
      readonly known: readonly (readonly [string, KnownAddress])[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export interface ApartLimits {
  /** Texts up to this size are read at once: whatever is in them takes some tenths of a second, as long as a thread needs to begin. */
  readonly atOnceCharacters: number;
  readonly seconds: number;
  readonly memoryMiB: number;
}

const LIMITS: ApartLimits = { atOnceCharacters: 64 * 1024, seconds: 60, memoryMiB: 1024 };
const WORKER = join(import.meta.dirname, `fleet-worker${extname(import.meta.filename)}`);

/** One at a time: each may take as much memory as it is allowed. */
let turn: Promise<unknown> = Promise.resolve();

/** Reads a fleet so that the control plane goes on meanwhile, whatever is in the texts: in a thread of its own, with a limit of time and memory. */
export async function readApart(
  files: readonly FleetFile[],
  context: LoadContext,
  limits: ApartLimits = LIMITS,
): Promise<Checked<LoadedFleet>> {
  const characters = files.reduce((sum, file) => sum + file.text.length, 0);
  if (characters <= limits.atOnceCharacters) return loadFleet(files, context);
  const mine = turn.then(() => inThread(files, context, limits));
  turn = mine.catch(() => undefined);
  const read = await mine;
  return read.ok ? passed(loadedFrom(read.fleet, new Map(read.known)), read.warnings) : read;
}

async function inThread(files: readonly FleetFile[], context: LoadContext, { seconds, memoryMiB }: ApartLimits): Promise<ReadElsewhere> {
  const resourceLimits = { maxOldGenerationSizeMb: memoryMiB, maxYoungGenerationSizeMb: 64, stackSizeMb: 4 };
  const worker = new Worker(WORKER, { workerData: { files, context }, resourceLimits, env: {} });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<ReadElsewhere>((resolve, reject) => {
      timer = setTimeout(() => reject(overLimit(`took longer than ${seconds} s`)), seconds * 1000);
      worker.once("message", resolve);
      worker.once("error", (error: NodeJS.ErrnoException) => {
        reject(error.code === "ERR_WORKER_OUT_OF_MEMORY" ? overLimit(`needed more than ${memoryMiB} MiB`, error) : error);
      });
      worker.once("exit", () => reject(overLimit("ended early")));
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

function overLimit(how: string, cause?: unknown): Error {
  return failure("BAL-A033", "fleet", `reading the fleet ${how}`, {
    hint: "divide it into several fleets, or look for what nests or repeats in its files",
    ...(cause === undefined ? {} : { cause }),
  });
}
