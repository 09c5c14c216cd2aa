import type { Command } from "commander";
import { performs } from "../../operations/perform.ts";
import type { CliContext } from "../../port.ts";
import { verb } from "../../verb.ts";
import type { LogsOptions } from "./run.ts";

export function registerLogs(program: Command, context: CliContext): void {
  verb(program, {
    usage: "logs [FOLDER] [ADDRESS]",
    summary: "Shows what a stack or one of its nodes writes",
    examples: ["ballast logs acme/production --tail 20"],
  })
    .option("-f, --follow", "go on until interrupted")
    .option("--tail <lines>", "how many lines of the past", "100")
    .action(
      performs<LogsOptions, "logs">(context, {
        verb: "logs",
        load: async () => (await import("./run.ts")).logs,
        inLines: () => true,
      }),
    );
}
