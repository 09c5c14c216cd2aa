import type { Command } from "commander";
import { performs } from "../../operations/perform.ts";
import type { CliContext } from "../../port.ts";
import { verb } from "../../verb.ts";
import type { StatusOptions } from "./run.ts";

export function registerStatus(program: Command, context: CliContext): void {
  verb(program, {
    usage: "status [FOLDER] [ADDRESS]",
    summary: "Says how the fleet is now",
    examples: ["ballast status", "ballast status examples/hello acme/production"],
  })
    .option("--watch", "say it again whenever it changes")
    .action(
      performs<StatusOptions, "status">(context, {
        verb: "status",
        load: async () => (await import("./run.ts")).status,
        inLines: (options) => options.watch === true,
      }),
    );
}
