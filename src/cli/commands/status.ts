import type { Command } from "commander";
import type { StatusOptions } from "../actions/status.ts";
import { performs } from "../perform.ts";
import type { CliContext } from "../port.ts";
import { verb } from "../verb.ts";

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
        load: async () => (await import("../actions/status.ts")).status,
        inLines: (options) => options.watch === true,
      }),
    );
}
