import type { Command } from "commander";
import { performs } from "../../operations/perform.ts";
import type { CliContext } from "../../port.ts";
import { verb } from "../../verb.ts";
import type { DownOptions } from "./run.ts";

export function registerDown(program: Command, context: CliContext): void {
  verb(program, {
    usage: "down [FOLDER] [ADDRESS]",
    summary: "Stops everything of a fleet and keeps its data",
    examples: [
      "ballast down examples/hello --confirm hello --reason 'the machine is moved'",
      "ballast down altona/production --delete-data --confirm altona",
    ],
  })
    .option(
      "--delete-data",
      "delete everything of the fleet, or of an ADDRESS that is no longer declared, with its data; asks for its name",
    )
    .option("--confirm <name>", "the name of what is deleted, or of a fleet whose production is stopped, where there is no terminal")
    .option("--reason <text>", "why production is stopped; it is recorded")
    .action(
      performs<DownOptions, "down">(context, {
        verb: "down",
        load: async () => (await import("./run.ts")).down,
        inLines: () => true,
      }),
    );
}
