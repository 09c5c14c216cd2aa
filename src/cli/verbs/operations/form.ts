import type { Command } from "commander";
import { performs } from "../../operations/perform.ts";
import type { CliContext } from "../../port.ts";
import { verb } from "../../verb.ts";
import type { OperationsOptions } from "./run.ts";

export function registerOperations(program: Command, context: CliContext): void {
  verb(program, {
    usage: "operations [ID]",
    summary: "Lists what was done and is being done, or shows one operation",
    examples: ["ballast operations --limit 5"],
  })
    .option("--limit <count>", "how many, newest first", "20")
    .option("-f, --follow", "stay with it until it ends")
    .action(
      performs<OperationsOptions, "operations">(context, {
        verb: "operations",
        load: async () => (await import("./run.ts")).operations,
        inLines: (options) => options.follow === true,
      }),
    );
}
