import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CliContext, Ports } from "./port.ts";
import { runCli } from "./program.ts";

/** Runs this process as the command line: the one place that touches its streams, its environment and its end. */
export async function start(main: string, ports: Ports): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", endSilently);
  const context: CliContext = {
    ports,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    now: () => Date.now(),
    random: () => Math.random().toString(36).slice(2, 8).padEnd(6, "0"),
    version: versionNear(dirname(main)),
    catchInterrupt,
    end(exit) {
      process.exitCode = exit;
    },
  };
  await runCli(context, process.argv.slice(2));
}

/** The reader left, as `head` does: there is nobody to tell. */
function endSilently(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit();
}

/** The second Ctrl-C ends the process at once, whatever it waits for. */
function catchInterrupt(): AbortSignal {
  if (interrupt === undefined) {
    const controller = new AbortController();
    process.once("SIGINT", () => controller.abort());
    interrupt = controller.signal;
  }
  return interrupt;
}

let interrupt: AbortSignal | undefined;

/** The version in the nearest package.json above: the sources and the built package lie at different depths. */
function versionNear(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    try {
      return (JSON.parse(readFileSync(join(at, "package.json"), "utf8")) as { version: string }).version;
    } catch (error) {
      if (dirname(at) === at) throw error;
    }
  }
}
