import { type ChildProcess, fork } from "node:child_process";
import { extname, join } from "node:path";
import { type KnownAddress, type LoadContext, loadedFrom, loadFleet } from "../../domain/fleet/load.ts";
import type { Fleet, LoadedFleet } from "../../domain/fleet/model.ts";
import type { FleetFile } from "../../domain/fleet/source.ts";
import { type Checked, failure, type Problem, passed } from "../../kernel/problem.ts";

/** What a reader is asked for. */
export interface ReadRequest {
  readonly files: readonly FleetFile[];
  readonly context: LoadContext;
}

/** What a reader says of a fleet that it read: plain data. */
export type ReadElsewhere =
  | {
      readonly ok: true;
      readonly fleet: Fleet;
      readonly warnings: readonly Problem[];
      readonly known: readonly (readonly [string, KnownAddress])[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export interface ApartLimits {
  /** Texts up to this size are read at once: whatever is in them takes some tenths of a second, as long as a process needs to begin. */
  readonly atOnceCharacters: number;
  readonly seconds: number;
  readonly memoryMiB: number;
}

const LIMITS: ApartLimits = { atOnceCharacters: 64 * 1024, seconds: 60, memoryMiB: 1024 };
const READER = join(import.meta.dirname, `fleet-reader${extname(import.meta.filename)}`);
const STACK_KIB = 4_000;
/** Of what a reader writes of its own end, the last so many characters are kept. */
const ERRORS = 4_000;

/** One at a time: each may take as much memory as it is allowed. */
let turn: Promise<unknown> = Promise.resolve();

/**
 * Reads a fleet so that the control plane goes on meanwhile, whatever is in the texts: in a process of its own, with a limit of time and memory. A thread
 * would not do: one that runs out of memory can take the whole process with it.
 */
export async function readApart(
  files: readonly FleetFile[],
  context: LoadContext,
  limits: ApartLimits = LIMITS,
): Promise<Checked<LoadedFleet>> {
  const characters = files.reduce((sum, file) => sum + file.text.length, 0);
  if (characters <= limits.atOnceCharacters) return loadFleet(files, context);
  const mine = turn.then(() => inProcess({ files, context }, limits));
  turn = mine.catch(() => undefined);
  const read = await mine;
  return read.ok ? passed(loadedFrom(read.fleet, new Map(read.known)), read.warnings) : read;
}

async function inProcess(request: ReadRequest, { seconds, memoryMiB }: ApartLimits): Promise<ReadElsewhere> {
  const reader = fork(READER, {
    execArgv: [`--max-old-space-size=${memoryMiB}`, `--stack-size=${STACK_KIB}`],
    env: {},
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const ended = endOf(reader);
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<ReadElsewhere>((resolve, reject) => {
      timer = setTimeout(() => reject(overLimit(`took longer than ${seconds} s`)), seconds * 1000);
      reader.once("message", (answer) => resolve(answer as ReadElsewhere));
      reader.once("error", reject);
      // One that died while it was being asked says so by its end.
      reader.send(request, () => undefined);
      ended.then(({ outOfMemory, how, cause }) => {
        reject(overLimit(outOfMemory ? `needed more than ${memoryMiB} MiB` : `ended early, with ${how}`, cause));
      }, reject);
    });
  } finally {
    clearTimeout(timer);
    if (reader.pid !== undefined) {
      reader.kill("SIGKILL");
      await ended;
    }
  }
}

/** V8 aborts a process whose heap is full, and says so in its error output. */
async function endOf(
  reader: ChildProcess,
): Promise<{ readonly outOfMemory: boolean; readonly how: string; readonly cause: Error | undefined }> {
  let errors = "";
  reader.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    errors = (errors + chunk).slice(-ERRORS);
  });
  const how = await new Promise<string>((resolve) => {
    reader.once("close", (code, signal) => resolve(signal ?? `code ${code}`));
  });
  return { outOfMemory: /heap out of memory|heap limit/i.test(errors), how, cause: errors === "" ? undefined : new Error(errors) };
}

function overLimit(how: string, cause?: unknown): Error {
  return failure("BAL-A033", "fleet", `reading the fleet ${how}`, {
    hint: "divide it into several fleets, or look for what nests or repeats in its files",
    ...(cause === undefined ? {} : { cause }),
  });
}
