import type { Command } from "commander";
import type { DownOptions } from "../actions/down.ts";
import { performs } from "../perform.ts";
import type { CliContext } from "../port.ts";
import { verb } from "../verb.ts";

export function registerDown(program: Command, context: CliContext): void {
  verb(program, {
    usage: "down [FOLDER]",
    summary: "Stops everything of a fleet and keeps its data",
    examples: ["ballast down examples/hello"],
  })
    .option("--delete-data", "delete everything of the fleet, its data too; asks for its name")
    .option("--confirm <name>", "the fleet's name, where nobody can type it")
    .action(
      performs<DownOptions, "down">(context, {
        verb: "down",
        load: async () => (await import("../actions/down.ts")).down,
        inLines: () => true,
      }),
    );
}
