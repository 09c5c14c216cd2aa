import { type FileHandle, open } from "node:fs/promises";
import { failure, type ProblemError } from "../../../kernel/problem.ts";
import { runCommand } from "../container/command.ts";
import type { TemplateArchive } from "../postgres/template-store.ts";
import { fullDisk, saysFull } from "../room.ts";
import { RUNS_AS } from "../scope.ts";

export interface Unpacking {
  /** The folder of a volume in which nobody has worked yet, the containers' user's. What an interrupted unpacking left in it is written again. */
  readonly into: string;
  readonly database: string;
  readonly signal: AbortSignal;
}

const SECONDS = 600;
const NO_FOLDER = 90;
const CANNOT_WRITE = /: Cannot (open|mkdir|write|unlink|create|change)/;
const UNPACK = `umask 027; mkdir -p -- "$1" || exit ${NO_FOLDER}; exec tar --extract --directory="$1"`;

/**
 * Writes an archive's attachments under `filestore/<database>/` of a volume: as the containers' user, who can do nothing outside of it, whatever a link in
 * it or a name in the archive says. Fails with BAL-E050 where the archive cannot be read to its end, with BAL-E004 where the disk is full.
 */
export async function unpackFilestore(archive: TemplateArchive, { into, database, signal }: Unpacking): Promise<void> {
  const file = await opened(archive);
  try {
    const { end, exitCode, tail } = await runCommand({
      command: "sh",
      args: ["-euc", UNPACK, "unpack", `filestore/${database}`],
      input: file.fd,
      folder: into,
      runsAs: RUNS_AS,
      // Whoever takes the work up after a kill must not find somebody at it.
      diesWithUs: true,
      timeoutSeconds: SECONDS,
      signal,
    });
    if (end === "exited" && exitCode === 0) return;
    signal.throwIfAborted();
    const words = tail.join("; ");
    if (saysFull(words)) throw fullDisk(into, words);
    // What keeps `tar` from reading is the archive's; everything else is not, and to make the template again would not help.
    if (end === "exited" && exitCode !== NO_FOLDER && !CANNOT_WRITE.test(words)) throw unreadable(archive, words);
    throw failure("BAL-E001", into, `the attachments cannot be written there: ${end === "exited" ? "" : `unpacking ${end}; `}${words}`);
  } finally {
    await file.close();
  }
}

async function opened(archive: TemplateArchive): Promise<FileHandle> {
  try {
    return await open(archive.filestore);
  } catch (cause) {
    throw unreadable(archive, (cause as Error).message, cause);
  }
}

function unreadable({ filestore, folder }: TemplateArchive, words: string, cause?: unknown): ProblemError {
  return failure("BAL-E050", filestore, `the attachments of a template cannot be unpacked: ${words}`, {
    hint: `remove ${folder} once no apply runs, then apply again: the template is recreated`,
    ...(cause === undefined ? {} : { cause }),
  });
}
