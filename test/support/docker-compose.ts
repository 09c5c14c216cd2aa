import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../../src/engines/docker/container/command.ts";
import { INDEX_TARGETS, pickMirrors } from "../../src/engines/docker/images/mirror.ts";

const CACHE = "/var/lib/ballast/.cache/tools";
const PROGRAM = "./usr/libexec/docker/cli-plugins/docker-compose";
const SUITE = "trixie";

async function done(command: string, args: readonly string[], timeoutSeconds: number): Promise<string> {
  const ran = await runCommand({ command, args, timeoutSeconds });
  if (ran.end === "exited" && ran.exitCode === 0) return ran.stdout;
  throw new Error(`${command} ${ran.end} ${ran.exitCode}: ${ran.tail.join("\n")}`);
}

/** Docker Compose of Debian, unpacked as the trees of images are: from the machine's own mirrors, kept for next time. */
export async function dockerCompose(): Promise<string> {
  const kept = join(CACHE, `docker-compose-${SUITE}`);
  if (statSync(kept, { throwIfNoEntry: false }) !== undefined) return kept;
  const mirrors = pickMirrors(await done("apt-get", INDEX_TARGETS, 60));
  if (mirrors === undefined) throw new Error("the package sources of this machine name no Debian mirror");
  mkdirSync(CACHE, { recursive: true });
  const room = mkdtempSync(join(CACHE, ".making-"));
  try {
    const tree = join(room, "tree.tar");
    const source = `deb ${mirrors.main} ${SUITE} main`;
    await done("mmdebstrap", ["--variant=extract", "--include=docker-compose", SUITE, tree, source], 600);
    await done("tar", ["--extract", "--file", tree, "--directory", room, PROGRAM], 60);
    renameSync(join(room, PROGRAM), kept);
  } finally {
    rmSync(room, { recursive: true, force: true });
  }
  return kept;
}
