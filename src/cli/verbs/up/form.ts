import type { Command } from "commander";
import { performs } from "../../operations/perform.ts";
import type { CliContext } from "../../port.ts";
import { verb } from "../../verb.ts";
import type { UpOptions } from "./run.ts";

export function registerUp(program: Command, context: CliContext): void {
  verb(program, {
    usage: "up [FOLDER]",
    summary: "Prepares this machine, starts the control plane, and makes the fleet real",
    examples: ["ballast up examples/hello"],
  })
    .option("--yes", "answer harmless questions with yes, such as installing Docker")
    .option("--lost-store", "the store of this installation is gone: begin a new one, and adopt what runs by its labels")
    .option(
      "--confirm <name>",
      "the fleet's name, where several productions or all of them are closed; the address of kept data that goes to another owner; several with commas between",
    )
    .option("--new <tenant...>", "tenants that are new, though they look like others under another name")
    .action(
      performs<UpOptions, "up">(context, {
        verb: "up",
        load: async () => (await import("./run.ts")).up,
        inLines: () => true,
      }),
    );
}
